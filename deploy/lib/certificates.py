"""Certificates for demonstrations and tests, made with openssl: authorities, and what they vouch for."""
import subprocess
from pathlib import Path

NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


def authority(folder):
    """A new authority: paths of its certificate and its key."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    ca, ca_key = folder / "ca.pem", folder / "ca.key"
    run("req", "-x509", *NEW_KEY, "-keyout", ca_key, "-out", ca, "-days", "2", "-subj", "/CN=demonstration authority")
    return ca, ca_key


def certificates(folder, *names):
    """A new authority, and a certificate by it for `names`: paths of authority, certificate, key."""
    signer = authority(folder)
    return signer[0], *signed(folder, signer, *names)


def signed(folder, signer, *names, name="cert", days=2, new_key=NEW_KEY):
    """A new certificate by an authority for `names` (`IP:...`, `DNS:...`): paths of certificate and key."""
    certificate, key, request = (Path(folder) / f"{name}.{kind}" for kind in ("pem", "key", "csr"))
    run("req", *new_key, "-keyout", key, "-out", request, "-subj", "/CN=provider")
    extensions = Path(folder) / f"{name}.extensions"
    extensions.write_text(f"subjectAltName={','.join(names)}\n")
    run(
        "x509", "-req", "-in", request, "-CA", signer[0], "-CAkey", signer[1], "-CAcreateserial", "-out", certificate,
        "-days", days, "-extfile", extensions,
    )  # fmt: skip
    return certificate, key


def run(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
