"""Rising-BSM: business service management, extended by plugins that nobody has to trust."""

__version__ = "0.1.0"
