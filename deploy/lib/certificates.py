"""Certificates for tests, made with openssl: an authority, and what it vouches for."""
import subprocess
from pathlib import Path


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Authority:
    """An authority in `folder`; its own certificate is `certificate`."""

    def __init__(self, folder, name="authority"):
        self.folder, self.name = Path(folder), name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.certificate, self.key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        openssl(
            "req", "-x509", *self.new_key("ec"), "-keyout", self.key, "-out", self.certificate, "-days", 30,
            "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE",
        )  # fmt: skip

    @staticmethod
    def new_key(kind):
        kinds = {"ec": ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"], "rsa": ["rsa:2048"]}
        return ["-nodes", "-newkey", *kinds[kind]]

    def issue(self, name, alternatives="DNS:localhost,IP:127.0.0.1", key="ec", days=30):
        """A certificate and its key, as files `name.pem` and `name.key` with the rights that Gatehouse wants."""
        certificate, private, request = (self.folder / f"{name}.{end}" for end in ("pem", "key", "csr"))
        openssl("req", "-new", *self.new_key(key), "-keyout", private, "-out", request, "-subj", f"/CN={name}")
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={alternatives}\n")
        openssl(
            "x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
            "-days", days, "-extfile", extensions, "-out", certificate,
        )  # fmt: skip
        private.chmod(0o600)
        return certificate, private
