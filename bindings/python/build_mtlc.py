"""Makes the wheel of mtlc.py, for pip: a build backend (PEP 517) that needs nothing else, so that
`pip install` works without a network. A libmtlc-c that lies beside mtlc.py goes into the wheel."""

import base64
import glob
import hashlib
import os
import sysconfig
import zipfile

NAME, VERSION = "mtlc", "1.0.0"
HERE = os.path.dirname(os.path.abspath(__file__))
METADATA = "Metadata-Version: 2.1\nName: %s\nVersion: %s\nRequires-Python: >=3.8\n" % (NAME, VERSION)


def _files():
    libraries = glob.glob(os.path.join(HERE, "libmtlc-c.*"))
    return [os.path.join(HERE, "mtlc.py")] + sorted(libraries)


def _tag():
    """A wheel with a library is for machines of this kind alone."""
    if len(_files()) == 1:
        return "py3-none-any"
    return "py3-none-" + sysconfig.get_platform().replace("-", "_").replace(".", "_")


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = "%s-%s-%s.whl" % (NAME, VERSION, _tag())
    info = "%s-%s.dist-info/" % (NAME, VERSION)
    contents = {}
    for path in _files():
        with open(path, "rb") as file:
            contents[os.path.basename(path)] = file.read()
    pure = "true" if len(contents) == 1 else "false"
    wheel = "Wheel-Version: 1.0\nGenerator: build_mtlc\nRoot-Is-Purelib: %s\nTag: %s\n" % (pure, _tag())
    contents[info + "METADATA"] = METADATA.encode()
    contents[info + "WHEEL"] = wheel.encode()
    record = ""
    for path, data in contents.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record += "%s,sha256=%s,%d\n" % (path, digest, len(data))
    contents[info + "RECORD"] = (record + info + "RECORD,,\n").encode()
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in contents.items():
            archive.writestr(path, data)
    return name
