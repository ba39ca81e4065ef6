"""RDS instance classes: the memory and the virtual CPUs that Amazon's table of instance classes states.

As of 2026-08, from "DB instance classes" in the RDS user guide; written down by hand, not checked against AWS.
RDS takes what the operating system needs off the memory before a formula sees it, so results are upper bounds.
"""

from __future__ import annotations

from dataclasses import dataclass

_GIB = 1024**3
_BURSTABLE = {"micro": (2, 1), "small": (2, 2), "medium": (2, 4), "large": (2, 8), "xlarge": (4, 16)}
_BURSTABLE["2xlarge"] = (8, 32)
_VCPUS = {
    **{"large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32, "12xlarge": 48, "16xlarge": 64},
    **{"24xlarge": 96, "32xlarge": 128, "48xlarge": 192},
}
# GiB of memory for each virtual CPU, and the largest size.
_FAMILIES = {
    **{"m5": (4, "24xlarge"), "m6g": (4, "16xlarge"), "m6i": (4, "32xlarge"), "m7g": (4, "16xlarge")},
    **{"m7i": (4, "48xlarge"), "m8g": (4, "48xlarge")},
    **{"r5": (8, "24xlarge"), "r6g": (8, "16xlarge"), "r6i": (8, "32xlarge"), "r7g": (8, "16xlarge")},
    **{"r7i": (8, "48xlarge"), "r8g": (8, "48xlarge")},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceClass:
    """One class: `memory_bytes` is all of its memory, of which RDS keeps some for itself."""

    name: str
    vcpu: int
    memory_bytes: int


def _burstable() -> dict[str, InstanceClass]:
    return {
        f"db.{family}.{size}": InstanceClass(name=f"db.{family}.{size}", vcpu=vcpu, memory_bytes=gib * _GIB)
        for family in ("t3", "t4g")
        for size, (vcpu, gib) in _BURSTABLE.items()
    }


def _steady() -> dict[str, InstanceClass]:
    return {
        f"db.{family}.{size}": InstanceClass(name=f"db.{family}.{size}", vcpu=vcpu, memory_bytes=vcpu * per * _GIB)
        for family, (per, largest) in _FAMILIES.items()
        for size, vcpu in _VCPUS.items()
        if vcpu <= _VCPUS[largest] and not (size == "32xlarge" and largest == "48xlarge")
    }


CLASSES = _burstable() | _steady()
