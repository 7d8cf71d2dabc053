"""Keep the emulated AWS across restarts.

moto holds everything in Python objects, so its state is pickled: the attributes of every backend,
with references between backends written as names. Locks, keys, certificates and weak dictionaries,
which pickle refuses, are rebuilt. The file is replaced in one step; a state that another version
wrote, or that cannot be read, is set aside and the sandbox starts empty, saying so.
"""

from __future__ import annotations

import gzip
import io
import logging
import pickle
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType, GeneratorType
from typing import Any

import moto
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from moto.core.base_backend import AccountSpecificBackend, BackendDict, BaseBackend

from sandbox.aws.gaps import Context

log = logging.getLogger("sandbox.aws")

#: Raise it when what is written here changes its meaning.
FORMAT = 1
#: Seconds between looks for changes, and how long nothing may have changed before a save.
PAUSE = 1.0
#: How often a save is tried that must not be left out because the state is in motion.
TRIES = 5
#: Calls wait while the state is written, so writing takes this part of the time at most.
SHARE = 0.05
_PrivateKey = (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)


class _Pickler(pickle.Pickler):
    def persistent_id(self, thing: Any) -> Any:
        if isinstance(thing, BaseBackend):
            return ("backend", type(thing).__module__, thing.account_id, thing.region_name)
        if isinstance(thing, BackendDict):
            return ("service", thing.backend.__module__)
        if isinstance(thing, AccountSpecificBackend):
            return ("account", thing.backend.__module__, thing.account_id)
        return None

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, _LOCKS):
            return (type_of_lock(thing), ())
        if isinstance(thing, (weakref.WeakValueDictionary, weakref.WeakKeyDictionary)):
            return (_weak, (type(thing), dict(thing)))
        if isinstance(thing, _PrivateKey):
            return (_private_key, (_key_bytes(thing),))
        if isinstance(thing, x509.Certificate):
            form = serialization.Encoding.DER
            return (_certificate, (thing.public_bytes(form),))
        if isinstance(thing, FunctionType) and thing.__qualname__ == _MAKES_DICTIONARIES:
            return (_dictionary_maker, ())
        if isinstance(thing, GeneratorType):  # the next page of somebody's listing: it ends here
            return (iter, ((),))
        return NotImplemented


#: What moto's Lambda storage makes its missing entries with.
_MAKES_DICTIONARIES = "LambdaStorage.__init__.<locals>.<lambda>"
_LOCKS = (type(threading.Lock()), type(threading.RLock()))


def type_of_lock(lock: Any) -> Callable[[], Any]:
    """The public maker of a lock's kind."""
    return threading.RLock if isinstance(lock, type(threading.RLock())) else threading.Lock


def _weak(kind: type[Any], items: dict[Any, Any]) -> Any:
    return kind(items)


def _dictionary_maker() -> type[dict[Any, Any]]:
    return dict


def _key_bytes(key: Any) -> bytes:
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    return bytes(key.private_bytes(serialization.Encoding.DER, form, plain))


def _private_key(data: bytes) -> Any:
    return serialization.load_der_private_key(data, password=None)


def _certificate(data: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(data)


class _Unpickler(pickle.Unpickler):
    def persistent_load(self, name: Any) -> Any:
        service = backend_dict(name[1])
        match name[0]:
            case "service":
                return service
            case "account":
                return service[name[2]]
        return service[name[2]][name[3]]


def backend_dict(module: str) -> Any:
    """moto's table of backends in the module of a backend class (``moto.ecs.models``)."""
    from importlib import import_module

    tables = [v for v in vars(import_module(module)).values() if isinstance(v, BackendDict)]
    return next(table for table in tables if table.backend.__module__ == module)


def dump(context: Context) -> bytes:
    """All state as bytes. Raises RuntimeError when something changed it meanwhile."""
    state: list[tuple[str, str, str, dict[str, Any]]] = []
    tables: list[Any] = BackendDict._instances  # type: ignore[misc]  # moto has one list for all
    for table in list(tables):
        for account, region, backend in list(table.iter_backends()):
            state.append((table.backend.__module__, account, region, dict(backend.__dict__)))
    buffer = io.BytesIO()
    _Pickler(buffer, protocol=pickle.HIGHEST_PROTOCOL).dump((state, context.memory))
    return buffer.getvalue()


def load(data: bytes, context: Context) -> None:
    """Put dumped state back into moto's backends and the gaps' memory."""
    state, memory = _Unpickler(io.BytesIO(data)).load()
    for module, account, region, attributes in state:
        backend = backend_dict(module)[account][region]
        backend.__dict__.clear()
        backend.__dict__.update(attributes)
    context.memory.update(memory)


@dataclass(slots=True)
class Gate:
    """Lets calls through side by side, and the saver alone when none is under way."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _active: int = 0
    changes: int = 0

    @contextmanager
    def call(self, *, changes: bool) -> Iterator[None]:
        with self._lock:
            self._active += 1
        try:
            yield
        finally:
            with self._lock:
                self._active -= 1
                self.changes += changes

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Holds calls back while it is open; gives False when some are under way."""
        with self._lock:
            yield self._active == 0


@dataclass(slots=True)
class Saver:
    """Saves when something changed, in a thread of its own, and once more when it stops."""

    context: Context
    gate: Gate
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _saved: int = 0
    _writing: threading.Lock = field(default_factory=threading.Lock)

    @property
    def path(self) -> Path:
        return self.context.state / f"moto-{moto.__version__}-{FORMAT}.pickle.gz"

    def restore(self) -> bool:
        """Load the last state; False where there is none that can be read."""
        if not self.path.exists():
            return False
        try:
            load(gzip.decompress(self.path.read_bytes()), self.context)
        except Exception:
            aside = self.path.with_suffix(f".unreadable-{int(time.time())}")
            self.path.replace(aside)
            log.exception("the saved state cannot be read; it is kept as %s", aside.name)
            return False
        return True

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="saver", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self.insist()

    def _run(self) -> None:
        seen, pause = 0, PAUSE
        while not self._stop.wait(pause):
            quiet, seen, pause = self.gate.changes == seen, self.gate.changes, PAUSE
            if quiet and seen != self._saved:
                began = time.monotonic()
                self.save()
                pause = max(PAUSE, (time.monotonic() - began) / SHARE)

    def insist(self) -> None:
        """Save although calls may be under way, and try again where they are in the way."""
        for _ in range(TRIES):
            if self.save(among_calls=True):
                return
            time.sleep(PAUSE / 10)
        log.warning("what changed last is not saved")

    def save(self, *, among_calls: bool = False) -> bool:
        """Write the state now; False when a call is under way or the state is in motion."""
        with self._writing:
            with self.gate.alone() as alone:
                changes = self.gate.changes
                data = self._dumped() if alone or among_calls else None
            if data is None:
                return False
            scratch = self.path.with_suffix(".new")
            scratch.write_bytes(gzip.compress(data, compresslevel=1))
            scratch.replace(self.path)
            self._saved = changes
        return True

    def _dumped(self) -> bytes | None:
        try:
            return dump(self.context)
        except RuntimeError as error:  # a dictionary grew under the data plane's hands
            log.info("not saved this time: %s", error)
        except (TypeError, AttributeError, pickle.PicklingError):
            log.exception("the state cannot be saved")
        return None
