"""What plugins cost: a record of every call, quotas, and a breaker for what keeps failing."""

from rising_bsm.runtime.accounting.accounting import Accounting
from rising_bsm.runtime.accounting.errors import PluginPaused, QuotaExceeded
from rising_bsm.runtime.accounting.executions import ExecutionQuery, Executions

__all__ = ["Accounting", "ExecutionQuery", "Executions", "PluginPaused", "QuotaExceeded"]
