"""Subgraphs behind TLS that want to know who asks: a real server that demands a certificate."""

import datetime as dt
import ipaddress
import ssl
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pydantic import SecretStr

from tests.router.small_graph import SUPERGRAPH
from trevo.__main__ import main
from trevo.clients.subgraph_client import SubgraphRequest
from trevo.config.settings import Settings
from trevo.config.subgraph_tls import SubgraphsTls, SubgraphTls, TlsContexts
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.main import plan_with_planner

PASSWORD = "of the key"


class Authority:
    """Signs certificates, and writes them into a folder."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.key = generate_private_key(SECP256R1())
        self.subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.file = self._write(f"{name}.pem", self._sign(self.subject, self.key.public_key(), is_authority=True))

    def issue(self, name, *, usage=ExtendedKeyUsageOID.CLIENT_AUTH, password=None):
        """The files of a certificate for *name*, and of its key."""
        key = generate_private_key(SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self._write(f"{name}.pem", self._sign(subject, key.public_key(), usage=usage))
        encryption = (
            serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
        )
        key_file = self.folder / f"{name}.key"
        key_file.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
        )
        return certificate, key_file

    def _sign(self, subject, public_key, *, usage=None, is_authority=False):
        now = dt.datetime.now(dt.UTC)
        day = dt.timedelta(days=1)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.subject)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - day)
            .not_valid_after(now + day)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        if usage is not None:
            here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
            builder = builder.add_extension(here, critical=False)
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def _write(self, name, certificate):
        path = self.folder / name
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return path


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ours"), "ours")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("theirs"), "theirs")


@asynccontextmanager
async def subgraph(authority):
    """A server that lets in who has a certificate of *authority*, and answers with its name."""

    async def answer(request):
        ((_, name),) = request.transport.get_extra_info("peercert")["subject"][0]
        return web.json_response({"data": {"me": {"name": name}}})

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.file)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(*authority.issue("subgraph", usage=ExtendedKeyUsageOID.SERVER_AUTH))
    app = web.Application()
    app.router.add_post("/graphql", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        yield f"https://127.0.0.1:{runner.addresses[0][1]}/graphql"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def router_at(url, tls):
    settings = Settings(subgraph_urls={"users": url}, subgraph_tls=tls)
    router = Router(settings, supergraph_text=SUPERGRAPH, make_planner=plan_with_planner)
    try:
        yield router
    finally:
        await router.stop()


async def told(url, tls):
    """Whom the subgraph was asked by; the error's code where it was not."""
    async with router_at(url, tls) as router:
        result = await router.execute(GraphQLRequest("{ me { name } }"))
    return result.errors[0]["extensions"]["code"] if result.errors else result.data["me"]["name"]


def files(authority, name, **options):
    certificate, key = authority.issue(name, **options)
    return {"ca_file": authority.file, "certificate_file": certificate, "key_file": key}


async def test_a_subgraph_is_shown_the_routers_certificate(authority):
    async with subgraph(authority) as url:
        assert await told(url, SubgraphsTls(all=SubgraphTls(**files(authority, "router")))) == "router"


async def test_one_subgraph_may_be_shown_another(authority):
    tls = SubgraphsTls(
        all=SubgraphTls(**files(authority, "router")),
        subgraphs={"users": SubgraphTls(**files(authority, "router-for-users"))},
    )
    async with subgraph(authority) as url:
        assert await told(url, tls) == "router-for-users"


async def test_events_are_listened_to_with_the_same_certificate(authority):
    async with subgraph(authority) as url:
        tls = SubgraphsTls(all=SubgraphTls(**files(authority, "router")))
        async with router_at(url, tls) as router:
            request = SubgraphRequest("subscription { renamed { name } }")
            answers = [event.body async for event in router.engine.clients["users"].subscribe(request)]
    assert answers == [{"data": {"me": {"name": "router"}}}]


async def test_a_key_may_be_encrypted(authority):
    given = files(authority, "locked", password=PASSWORD)
    async with subgraph(authority) as url:
        tls = SubgraphsTls(all=SubgraphTls(**given, key_password=SecretStr(PASSWORD)))
        assert await told(url, tls) == "locked"


async def test_key_and_certificate_may_lie_in_one_file(authority):
    certificate, key = authority.issue("together")
    certificate.write_bytes(certificate.read_bytes() + key.read_bytes())
    async with subgraph(authority) as url:
        tls = SubgraphsTls(all=SubgraphTls(ca_file=authority.file, certificate_file=certificate))
        assert await told(url, tls) == "together"


async def test_who_is_not_known_is_not_asked_and_not_answered(authority, stranger):
    own = files(authority, "router")
    async with subgraph(authority) as url:
        for given in (
            {},  # the system does not know the authority
            {"ca_file": authority.file},  # the subgraph wants a certificate
            {**own, "ca_file": stranger.file},  # the subgraph's is signed by somebody else
            {**files(stranger, "router"), "ca_file": authority.file},  # the router's is
        ):
            assert await told(url, SubgraphsTls(all=SubgraphTls(**given))) == "SUBREQUEST_FAILED"


def faults(authority):
    certificate, key = authority.issue("good")
    _, other_key = authority.issue("other")
    _, locked = authority.issue("locked-up", password=PASSWORD)
    no_pem = authority.folder / "no.pem"
    no_pem.write_text("nothing of the kind")
    nowhere = Path("/nowhere/at/all.pem")
    both = f"{certificate} and"
    return [
        ({"ca_file": nowhere}, f"ca_file: {nowhere}: no such file or directory"),
        ({"ca_file": no_pem}, f"ca_file: {no_pem}: it cannot be read (no certificate or crl found)"),
        ({"certificate_file": nowhere}, f"certificate_file: {nowhere}: no such file or directory"),
        ({"certificate_file": certificate}, f"certificate_file: {certificate}: it cannot be read"),
        ({"certificate_file": no_pem, "key_file": key}, f"certificate_file: {no_pem} and {key}: it cannot be read"),
        ({"certificate_file": certificate, "key_file": nowhere}, f"{both} {nowhere}: no such file or directory"),
        (
            {"certificate_file": certificate, "key_file": other_key},
            f"{both} {other_key}: the key is not that of the certificate",
        ),
        ({"certificate_file": certificate, "key_file": locked}, f"{both} {locked}: it cannot be read"),
        (
            {"certificate_file": certificate, "key_file": locked, "key_password": SecretStr("wrong")},
            f"{both} {locked}: it cannot be read",
        ),
    ]


def test_files_that_cannot_be_used_are_told_at_the_start(authority):
    for given, message in faults(authority):
        tls = SubgraphsTls(subgraphs={"users": SubgraphTls(**given)})
        with pytest.raises(ValueError, match=r"^subgraph_tls\.subgraphs\.users\.") as caught:
            Router(Settings(subgraph_tls=tls), supergraph_text=SUPERGRAPH, make_planner=plan_with_planner)
        assert message in str(caught.value)
        assert "wrong" not in str(caught.value)


@pytest.mark.parametrize("given", [{"key_file": "a.key"}, {"key_password": "secret"}])
def test_a_key_belongs_to_a_certificate(given):
    with pytest.raises(ValueError, match="belong to 'certificate_file'"):
        SubgraphTls(**given)


def test_nothing_said_is_nothing_made():
    contexts = TlsContexts(SubgraphsTls())
    assert contexts.of("users") is None


def test_check_reads_the_files(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("ROUTER_SUBGRAPH_TLS__ALL__CA_FILE", str(tmp_path / "ca.pem"))
    assert main(["check"]) == 1
    told = capsys.readouterr().err
    assert (
        told == f"This cannot be served: subgraph_tls.all.ca_file: {tmp_path / 'ca.pem'}: no such file or directory\n"
    )
