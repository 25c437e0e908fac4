"""The stand-in's `cupy.cuda`: devices, streams, events, runtime properties and the memory pool."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

from softgpu.allocation import Gpu
from softgpu.refusals import NotInStandIn
from softgpu.signature_table import committed

MEMORY = 8 << 30  # bytes of an emulated device
VERSION = 13020  # CUDA 13.2


class Part(SimpleNamespace):
    """A part of `cupy` by its dotted name; other names of CuPy raise NotInStandIn."""

    def __getattr__(self, name: str) -> Any:
        dotted = f"{self.dotted}.{name}"
        if dotted in committed().functions:
            raise NotInStandIn(f"CuPy has {dotted}; the stand-in does not implement it")
        raise AttributeError(f"module 'cupy' has no attribute {dotted!r}")


class CUDARuntimeError(RuntimeError):
    """An error of the CUDA runtime."""


class Device:
    """`cupy.cuda.Device(id)`; without an id, the current device."""

    gpu: Gpu
    compute_capability = "90"

    def __init__(self, device: int | None = None) -> None:
        self.id = self.gpu.current if device is None else int(device)
        self._before: list[int] = []

    def use(self) -> None:
        """Make it the current device."""
        if not 0 <= self.id < self.gpu.devices:
            raise CUDARuntimeError("cudaErrorInvalidDevice: invalid device ordinal")
        self.gpu.current = self.id

    def __enter__(self) -> Device:
        self._before.append(self.gpu.current)
        self.use()
        return self

    def __exit__(self, *_: object) -> None:
        self.gpu.current = self._before.pop()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device) and self.id == other.id

    def __hash__(self) -> int:
        return self.id

    def __int__(self) -> int:
        return self.id

    @property
    def mem_info(self) -> tuple[int, int]:
        """Free and total bytes."""
        return MEMORY - self.gpu.held, MEMORY

    def synchronize(self) -> None:
        """Wait for all launches."""
        self.gpu.ledger.note("synchronisation", "Device.synchronize")


class Stream:
    """`cupy.cuda.Stream`. Everything runs synchronously, so it only records the waits."""

    gpu: Gpu

    def __init__(
        self,
        null: bool = False,
        non_blocking: bool = False,
        ptds: bool = False,
        priority: int | None = None,
    ) -> None:
        self.null, self.non_blocking = null, non_blocking

    def use(self) -> Stream:
        """Make it the current stream."""
        self.gpu.stream = self
        return self

    def __enter__(self) -> Stream:
        self._before = self.gpu.stream
        return self.use()

    def __exit__(self, *_: object) -> None:
        self.gpu.stream = self._before

    def synchronize(self) -> None:
        """Wait for its launches."""
        self.gpu.ledger.note("synchronisation", "Stream.synchronize")


class Event:
    """`cupy.cuda.Event`: a time of the host's clock, because everything runs synchronously."""

    gpu: Gpu

    def __init__(
        self, block: bool = False, disable_timing: bool = False, interprocess: bool = False
    ) -> None:
        self.disable_timing = disable_timing
        self.moment: float | None = None

    def record(self, stream: Any = None) -> None:
        """Record the time at which all launches so far have ended."""
        self.moment = time.perf_counter()

    def synchronize(self) -> None:
        """Wait for the recorded time."""
        self.gpu.ledger.note("synchronisation", "Event.synchronize")


def elapsed(start_event: Event, end_event: Event) -> float:
    """`cupy.cuda.get_elapsed_time`: the milliseconds between two events."""
    if start_event.disable_timing or end_event.disable_timing:
        raise CUDARuntimeError("cudaErrorInvalidResourceHandle: invalid resource handle")
    if start_event.moment is None or end_event.moment is None:
        raise CUDARuntimeError("cudaErrorInvalidResourceHandle: an event was never recorded")
    return 1000 * (end_event.moment - start_event.moment)


class MemoryPool:
    """`cupy.get_default_memory_pool()`: bytes in use, bytes held, and release of free bytes."""

    def __init__(self, gpu: Gpu) -> None:
        self._gpu = gpu

    def used_bytes(self) -> int:
        """Bytes of all live arrays, each rounded up to a multiple of 512."""
        return self._gpu.used

    def total_bytes(self) -> int:
        """Bytes that the pool holds, used or not."""
        return self._gpu.held

    def free_bytes(self) -> int:
        """Bytes that the pool holds and no array uses."""
        return self._gpu.held - self._gpu.used

    def free_all_blocks(self) -> None:
        """Release the bytes that no array uses."""
        self._gpu.held = self._gpu.used


def runtime(gpu: Gpu) -> Part:
    """The functions of `cupy.cuda.runtime` that return properties of the device and the driver."""

    def count() -> int:
        if not gpu.devices:
            raise CUDARuntimeError("cudaErrorNoDevice: no CUDA-capable device is detected")
        return gpu.devices

    def properties(device: int) -> dict[str, Any]:
        if not 0 <= device < count():
            raise CUDARuntimeError("cudaErrorInvalidDevice: invalid device ordinal")
        limits = {"maxThreadsPerBlock": 1024, "sharedMemPerBlock": 48 << 10, "warpSize": 32}
        name = b"Pretended GPU" if device == 0 else f"Pretended GPU {device}".encode()
        return {"name": name, "major": 9, "minor": 0, "totalGlobalMem": MEMORY, **limits}

    return Part(
        dotted="cuda.runtime",
        CUDARuntimeError=CUDARuntimeError,
        getDevice=lambda: gpu.current,
        getDeviceCount=count,
        memGetInfo=lambda: (MEMORY - gpu.held, MEMORY),
        getDeviceProperties=properties,
        driverGetVersion=lambda: VERSION if gpu.devices else 0,
        runtimeGetVersion=lambda: VERSION,
    )


def cuda(gpu: Gpu) -> Part:
    """`cupy.cuda`, with its classes bound to one stand-in."""
    bound = {"gpu": gpu}
    stream: Any = type("Stream", (Stream,), bound)
    gpu.stream = stream(null=True)

    def current(device_id: int = -1) -> Any:
        return gpu.stream

    def set_allocator(allocator: Any = None) -> None:
        if allocator is not None:
            raise NotInStandIn("an allocator of the user")

    return Part(
        dotted="cuda",
        Device=type("Device", (Device,), bound),
        Stream=stream,
        Event=type("Event", (Event,), bound),
        get_elapsed_time=elapsed,
        set_allocator=set_allocator,
        MemoryPool=MemoryPool,
        get_current_stream=current,
        runtime=runtime(gpu),
    )
