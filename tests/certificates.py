"""Certificates of an authority of our own, good and bad, and NATS as the containers' tls.conf has it."""

import signal
import socket
import ssl
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_address
from pathlib import Path

from anyio import to_thread
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from deploy.embedded.nats import RULES, NatsServer
from deploy.embedded.process import LOOPBACK, free_port
from tests.chassis.story import until

DAY = timedelta(days=1)
PAST = -DAY


class Authority:
    """Who vouches for servers; `pem` is its own certificate."""

    def __init__(self, name: str = "ours") -> None:
        self._name, self._key = _named(name), ec.generate_private_key(ec.SECP256R1())
        ours = x509.BasicConstraints(ca=True, path_length=None)
        self.pem = self._certified(self._name, self._key, ours, DAY)

    def vouch(self, folder: Path, *hosts: str, ends_in: timedelta = DAY) -> str:
        """Write certificate.pem and key.pem of a server at `hosts` into `folder`. Return the certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName(
            [x509.DNSName(host) if host.islower() else x509.IPAddress(ip_address(host)) for host in hosts]
        )
        certificate = self._certified(_named("bus"), key, names, ends_in)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "certificate.pem").write_text(certificate)
        (folder / "key.pem").write_bytes(private)
        return certificate

    def _certified(self, name, key, extension: x509.ExtensionType, ends_in: timedelta) -> str:
        now = datetime.now(UTC)
        made = x509.CertificateBuilder(
            self._name, name, key.public_key(), x509.random_serial_number(), now - 9 * DAY, now + ends_in
        )
        signed = made.add_extension(extension, critical=False).sign(self._key, SHA256())
        return signed.public_bytes(Encoding.PEM).decode()


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class SecuredServer(NatsServer):
    """The shipped tls.conf on ports and with a certificate of its own."""

    def __init__(self, *given, **more) -> None:
        super().__init__(*given, offices=f"{LOOPBACK}:{free_port()}", **more)
        offices = int(self.offices.rpartition(":")[2])
        self.doors = {"clients": (LOOPBACK, self.port), "offices": (LOOPBACK, offices)}
        self.authority = Authority()
        self.certificate = ""
        self.certify()

    def certify(self, host: str = "", *, ends_in: timedelta = DAY, by: Authority | None = None) -> None:
        """Have it show another certificate, from its next start or reload on."""
        hosts = [host] if host else [LOOPBACK, "localhost"]
        self.certificate = (by or self.authority).vouch(self.folder / "tls", *hosts, ends_in=ends_in)

    async def reload(self) -> None:
        """Do what the runbook says after a renewal, and return when it shows the new certificate."""
        self.process.send_signal(signal.SIGHUP)
        for door in self.doors.values():
            await until(partial(self._shows, door))

    async def _shows(self, door: tuple[str, int]) -> bool:
        return self.certificate == await to_thread.run_sync(self._shown, door)

    def answers(self, user: str) -> bool:
        """Return whether it shows a certificate now; nobody signs in without TLS."""
        try:
            return bool(self._shown(self.doors["clients"]))
        except OSError:
            return False

    def _shown(self, door: tuple[str, int]) -> str:
        context = ssl._create_unverified_context()
        with socket.create_connection(door, timeout=5) as line:
            line.recv(4096)
            with context.wrap_socket(line) as secured:
                return ssl.DER_cert_to_PEM_cert(secured.getpeercert(binary_form=True))

    def _configure(self) -> None:
        super()._configure()
        here = {
            "0.0.0.0:4222": f"{LOOPBACK}:{self.port}",
            "0.0.0.0:7422": self.offices,
            "0.0.0.0:8222": f"{LOOPBACK}:-1",
            "/etc/nats": str(self.folder),
            "/data": str(self.folder),
        }
        for file, shipped in (("server.conf", "tls.conf"), ("fourgood.conf", "fourgood.conf")):
            text = (RULES.parent / shipped).read_text()
            for there, address in here.items():
                text = text.replace(there, address)
            (self.folder / file).write_text(text)
