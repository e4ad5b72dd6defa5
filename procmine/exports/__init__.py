"""Exports: any municipality's files in, every row accounted for, no person out."""

from procmine.exports.account import Account, FileAccount
from procmine.exports.fates import sentence
from procmine.exports.load import read_delivery
from procmine.exports.persons import backup_key, open_key
from procmine.exports.profiles import load_profile, profile_names, profile_schema

__all__ = [
    "Account",
    "FileAccount",
    "backup_key",
    "load_profile",
    "open_key",
    "profile_names",
    "profile_schema",
    "read_delivery",
    "sentence",
]
