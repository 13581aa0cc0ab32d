"""A pod of a release as a process: its container's command, arguments, variables
and files as Kubernetes would give them, below a folder instead of the root."""
import http.client
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import time
import urllib.request

from cases import check, wait_for


def expanded(text, variables):
    """What Kubernetes puts in for $(NAME), for names that came before."""
    return re.sub(r"\$\((\w+)\)", lambda found: variables.get(found[1], found[0]), text)


class Pod:
    """One pod of a release. `secrets` are the files of each Secret, `named` the addresses that DNS has
    for the headless service."""

    def __init__(self, bench, release, address, secrets=None, ordinal=0, named=()):
        self.bench, self.release, self.address, self.named = bench, release, address, named
        self.name = f"{release.one('StatefulSet')['metadata']['name']}-{ordinal}"
        self.root = pathlib.Path(bench.folder) / self.name
        self.log_path = self.root.with_suffix(".log")
        self.mounts = [each["mountPath"] for each in release.container["volumeMounts"]]
        claims = {each["metadata"]["name"] for each in release.set["volumeClaimTemplates"]}
        volumes = {each["name"]: each for each in release.pod["volumes"]}
        for mount in release.container["volumeMounts"]:
            folder = pathlib.Path(self.here(mount["mountPath"]))
            folder.mkdir(parents=True, exist_ok=True)
            if mount["name"] in claims or "emptyDir" in volumes[mount["name"]]:
                self.give(folder, 0o2775)
            else:
                self.fill(folder, volumes[mount["name"]], secrets or {})
        self.process = None

    @property
    def who(self):
        """As whom the container runs; only root can have it so."""
        context = self.release.pod["securityContext"]
        if os.getuid() != 0:
            return {}
        check(context["fsGroup"] == context["runAsGroup"], f"{context}")
        return {"user": context["runAsUser"], "group": context["runAsGroup"], "extra_groups": []}

    def give(self, path, mode):
        """Volumes are root's and of the pod's group."""
        if self.who:
            os.chown(path, 0, self.who["group"])
        path.chmod(mode)

    def here(self, text):
        """The same text with the container's folders as they are here."""
        places = "|".join(re.escape(each) for each in sorted(self.mounts, key=len, reverse=True))
        return re.sub(rf"({places})(?![\w-])", lambda found: f"{self.root}{found[1]}", text)

    def resolved(self, text):
        """The configuration with the headless service's addresses for its name."""
        name = re.escape(f"{self.release.set['serviceName']}.telephony.svc")
        return re.sub(rf"^( *- ){name}(:\d+)$", lambda found: "\n".join(
            f'{found[1]}"{bracketed(address)}{found[2]}"' for address in self.named or (self.address,)),
            text, flags=re.M)

    def fill(self, folder, volume, secrets):
        if "configMap" in volume:
            for name, text in self.release.one("ConfigMap", volume["configMap"]["name"])["data"].items():
                (folder / name).write_text(self.resolved(self.here(text)))
        elif "secret" in volume:
            source = secrets[volume["secret"]["secretName"]]
            for item in volume["secret"].get("items") or [{"key": each, "path": each} for each in source]:
                path = folder / item["path"]
                path.write_text(source[item["key"]])
                self.give(path, volume["secret"]["defaultMode"])

    @property
    def variables(self):
        given, fields = {}, {"status.podIP": self.address, "metadata.name": self.name}
        for each in self.release.container["env"]:
            source = each.get("valueFrom")
            given[each["name"]] = (fields[source["fieldRef"]["fieldPath"]] if source
                                   else expanded(each["value"], given))
        return given

    @property
    def command(self):
        container = self.release.container
        check(container["command"] == ["/usr/local/bin/callforkd"], f"{container['command']}")
        return [str(self.program()), *(self.here(expanded(each, self.variables)) for each in container["args"])]

    def program(self):
        """callforkd where the pod's user may reach it."""
        pathlib.Path(self.bench.folder).chmod(0o711)
        place = pathlib.Path(self.bench.folder) / "callforkd"
        if not place.exists():
            shutil.copy(self.bench.callforkd, place)
            place.chmod(0o755)
        return place

    @property
    def ways(self):
        """How the process runs. The sanitizer of test builds looks for leaks as root alone."""
        return {"env": {**self.variables, **({"ASAN_OPTIONS": "detect_leaks=0"} if self.who else {})},
                "stdin": subprocess.DEVNULL, "cwd": self.bench.folder, **self.who}

    def check_configuration(self):
        """What callforkd --check says: status and output."""
        done = subprocess.run([*self.command, "--check"], capture_output=True, text=True, check=False, timeout=30,
                              **self.ways)
        return done.returncode, done.stdout + done.stderr

    def start(self):
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, start_new_session=True,
                                            **self.ways)
        self.bench.processes.append(self.process)

    def log(self):
        return self.log_path.read_text(errors="replace")

    def probe(self, which):
        """Status of what the probe asks for, as kubelet would; none without an answer."""
        probe = self.release.container[which]
        asked = probe["httpGet"]
        port = next(each["containerPort"] for each in self.release.container["ports"] if each["name"] == asked["port"])
        if asked["scheme"] == "HTTPS":
            line = http.client.HTTPSConnection(self.address, port, timeout=probe["timeoutSeconds"],
                                               context=ssl._create_unverified_context())
        else:
            line = http.client.HTTPConnection(self.address, port, timeout=probe["timeoutSeconds"])
        try:
            line.request("GET", asked["path"])
            return line.getresponse().status
        except OSError:
            return None
        finally:
            line.close()

    def metric(self, name):
        """A value of /metrics by its name with labels."""
        page = self.page("/metrics")
        found = re.search(rf"^{re.escape(name)} (\S+)$", page, re.M)
        check(found, f"{self.name} has no {name}:\n{page[:3000]}")
        return float(found[1])

    def page(self, path):
        port = next(each["containerPort"] for each in self.release.container["ports"] if each["name"] == "http")
        with urllib.request.urlopen(f"http://{self.address}:{port}{path}", timeout=5) as answer:
            return answer.read().decode()

    def await_ready(self, seconds=30):
        for which in ("startupProbe", "livenessProbe", "readinessProbe"):
            wait_for(lambda each=which: self.running() and self.probe(each) == 200, seconds,
                     f"{which} never succeeds:\n{self.log()}")

    def running(self):
        check(self.process.poll() is None, f"the container ended:\n{self.log()}")
        return True

    def terminate(self):
        """As the deletion of a pod begins."""
        self.process.send_signal(signal.SIGTERM)

    def await_end(self, seconds):
        """The exit status, and how long it took."""
        began = time.monotonic()
        try:
            return self.process.wait(seconds), time.monotonic() - began
        except subprocess.TimeoutExpired:
            check(False, f"the container runs {seconds} s after it was told to stop:\n{self.log()}")

    def files(self):
        return [str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file()]


def bracketed(address):
    """As it stands before a port."""
    return f"[{address}]" if ":" in address else address


def own_address(pod=0):
    """An address of this machine's loopback network that no other pod has."""
    number = os.getpid() % 60000 + 1000
    return f"127.{77 + pod}.{number // 256}.{number % 250 + 1}"
