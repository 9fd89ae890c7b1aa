"""The processes of a run: for each kind of backend the backend, the relay and the proxies."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import trustme

from .dialect import Dialect, OpenAI
from .machine import Cores
from .process import ROOT, Command, serving
from .scenarios import LISTED_MODELS, System
from .summary import DIRECT, RELAY

PROXY_COMMAND = (
    "{python} -m ollama_openai_proxy serve --host 127.0.0.1 --port {port}"
    " --backend-url {backend}/v1 --log-level warning"
)
_RELAY_COMMAND = "{python} -m tests.benchmarks.relay --port {port} --backend {backend}"
_BACKEND_COMMAND = "{python} -m tests.benchmarks.fake_backend"


@dataclass(frozen=True, slots=True)
class Build:
    """A proxy to be measured."""

    name: str
    dialect: Dialect
    python: Path = Path(sys.executable)
    folder: Path = ROOT
    template: str = PROXY_COMMAND

    def words(self, backend: str) -> list[str]:
        # `{port}` is replaced later, for each process.
        places = {"{python}": str(self.python), "{backend}": backend}
        words = shlex.split(self.template)
        for place, value in places.items():
            words = [word.replace(place, value) for word in words]
        return words


@dataclass(frozen=True, slots=True)
class Launcher:
    builds: Sequence[Build]
    cores: Cores
    folder: Path
    """Folder for certificates."""

    async def start(
        self, stack: AsyncExitStack, names: Sequence[str]
    ) -> Mapping[str, list[System]]:
        sites = {}
        for name in names:
            sites[name] = await self._site(stack, name)
        return sites

    async def _site(self, stack: AsyncExitStack, name: str) -> list[System]:
        options, environment, scheme = [], {}, "http"
        if name == "models":
            options = ["--models", str(LISTED_MODELS)]
        elif name == "https":
            scheme = "https"
            certificate, authority = self._certificates()
            options = ["--certificate", str(certificate)]
            environment = {"SSL_CERT_FILE": str(authority)}
        openai = OpenAI()
        base = Build(DIRECT, openai, template=_BACKEND_COMMAND)
        command = Command([*base.words(""), *options], self.cores.load)
        backend = await stack.enter_async_context(serving(command))
        systems = [System(DIRECT, openai, command, backend, backend.port)]
        url = f"{scheme}://127.0.0.1:{backend.port}"
        for build in (*self.builds, Build(RELAY, openai, template=_RELAY_COMMAND)):
            command = Command(build.words(url), self.cores.system, build.folder, environment)
            server = await stack.enter_async_context(serving(command))
            systems.append(System(build.name, build.dialect, command, server, backend.port))
        return systems

    def _certificates(self) -> tuple[Path, Path]:
        """The server's key and certificate, and the authority that signed it."""
        authority = trustme.CA()
        certificate, trusted = self.folder / "server.pem", self.folder / "authority.pem"
        issued = authority.issue_cert("127.0.0.1", "localhost")
        issued.private_key_and_cert_chain_pem.write_to_path(str(certificate))
        authority.cert_pem.write_to_path(str(trusted))
        return certificate, trusted
