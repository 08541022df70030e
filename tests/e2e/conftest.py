import support.web  # noqa: F401 - before all others: it knows which warning to expect of the framework
