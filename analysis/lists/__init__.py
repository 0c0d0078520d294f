"""Excel workbooks of action lists for the bureau and each town, and their follow-up read back.

    lists = action_lists(screening, case, follow=read_follow_up("收回的清单"))
    write_lists(lists, "reports/demo/lists")
"""

from .book import write_lists, write_workbook
from .carry import carry, outcomes
from .gather import ActionLists, action_lists
from .read import FollowUp, read_follow_up
from .scope import for_town
from .statuses import FollowStatus, follow_statuses

__all__ = ["ActionLists", "FollowStatus", "FollowUp", "action_lists", "carry", "follow_statuses", "for_town", "outcomes", "read_follow_up", "write_lists",
           "write_workbook"]
