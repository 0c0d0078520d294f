"""有弦: whom a case chases, on what, and what follows — the catch-up of one indicator put together from a case."""

from .causes import Causes, causes
from .course import Course, course, courses, pair
from .frames import Levels, chased_indicators, levels, unbroken
from .months import Months, months
from .task import Task, home_tasks, task

__all__ = ["Causes", "Course", "Levels", "Months", "Task", "causes", "chased_indicators", "course", "courses", "home_tasks", "levels", "months", "pair", "task", "unbroken"]
