"""Human-readable results: a table and the findings."""

from collections import Counter
from collections.abc import Iterator

from .campaign import Finding, Outcome


def table(outcome: Outcome) -> str:
    """Cases, failures and statuses of each operation, then the exclusions used."""
    by_operation: dict[str, Counter[int]] = {}
    for (operation, status), count in outcome.statuses.items():
        by_operation.setdefault(operation, Counter())[status] += count
    failures = Counter(finding.operation for finding in outcome.findings)
    lines = [f"{'operation':45} {'cases':>8} {'failures':>8}  statuses"]
    for operation, statuses in sorted(by_operation.items()):
        seen = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
        lines.append(f"{operation:45} {statuses.total():8} {failures[operation]:8}  {seen}")
    total = sum(outcome.statuses.values())
    lines.append(f"{'all':45} {total:8} {len(outcome.findings):8}")
    lines += ["", *_counted("exclusions used", outcome.ledger.uses)]
    return "\n".join(lines)


def described(finding: Finding) -> str:
    """One failure with the curl command that reproduces it."""
    return f"{finding.operation}: {finding.check}\n{finding.message}\n{finding.curl}"


def _counted(title: str, counts: Counter[str]) -> Iterator[str]:
    yield f"{title}:"
    for name, count in sorted(counts.items()):
        yield f"  {name}: {count}"
