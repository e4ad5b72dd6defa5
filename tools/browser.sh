#!/bin/sh
# The browser for the page tests: Debian's chromium and its driver, where apt-get and root
# are there; else one line that says what to install and what is left out.
set -u
if command -v chromium >/dev/null 2>&1 && command -v chromedriver >/dev/null 2>&1; then
  exit 0
fi
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  if apt-get update -qq >/dev/null && apt-get install -y -qq chromium chromium-driver >/dev/null; then
    exit 0
  fi
fi
echo "Page tests are left out: install chromium and chromedriver (Debian: apt-get install chromium chromium-driver)."
exit 0
