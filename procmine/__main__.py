"""``python -m procmine``: the command line, where the script is not on the path."""

from procmine.cli import main

main()
