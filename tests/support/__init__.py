"""Factories and simulators shared by the tests."""
