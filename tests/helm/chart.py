"""The chart as Helm renders it."""
import functools
import json
import pathlib
import subprocess
import sys

import yaml

import tools

sys.path.insert(0, str(tools.ROOT / "tests/e2e"))
from cases import check  # pylint: disable=wrong-import-position

CHART = tools.ROOT / "deploy/helm/callfork"
REGIONS = ("us", "eu")
KUBERNETES = ("1.28.0", "1.34.0")  # The oldest that the chart admits, and the latest known.

# The least that a release has to name.
LEAST = {"ng": {"allowed": ["192.0.2.0/24", "198.51.100.7"]}, "kafka": {"brokers": ["kafka.example:9093"]},
         "vault": {"existingSecret": "vault-keys"}, "cluster": {"existingSecret": "cluster-tls"}}


def all_of(region):
    """Values that switch on all that the chart can do, at once."""
    return merged(LEAST, {
        "kafka": {"tls": {"existingSecret": "kafka-tls", "clientCertificate": True},
                  "sasl": {"mechanism": "SCRAM-SHA-512", "user": "callfork", "existingSecret": "kafka-login"},
                  "settings": {"linger.ms": 20}},
        "http": {"existingSecret": "http-tls", "allowed": ["203.0.113.0/24"]},
        "api": {"existingSecret": "api-keys", "keySet": "https://login.example/keys",
                "issuer": "https://login.example"},
        "siprec": {"enabled": True, "udpPort": 5060, "tcpPort": 5060, "existingSecret": "siprec-tls",
                   "allowed": ["203.0.113.0/24"],
                   "providers": [{"name": "archive", "region": region.upper(), "rate": 3, "user": "callfork",
                                  "targets": ["sips:rec.archive.example", "sips:rec2.archive.example"],
                                  "srtp": True, "codecs": ["PCMU", "opus"], "dialect": "broadworks",
                                  "passwordSecret": {"name": "archive-login", "key": "password"}}]},
        "storage": {"regions": {"us": ["us-east-1", "westus2"], "eu": ["eu-central-1", "europe-west4"]}[region]},
        "config": {"recording": {"mode": "always"}, "node": {"max_calls": 1000000},
                   "ending": {"webhook": "https://signalling.example/end",
                              "webhook_token": "/run/secrets/callfork/extra/webhook.login/token"}},
        "extraSecrets": ["webhook.login"],
        "extraVolumes": [{"name": "prompts", "persistentVolumeClaim": {"claimName": "prompts", "readOnly": True}}],
        "extraVolumeMounts": [{"name": "prompts", "mountPath": "/usr/share/callfork/prompts", "readOnly": True}],
        "image": {"repository": "registry.example/callfork", "pullSecrets": ["registry"]},
        "nodeSelector": {"callfork": "media"}, "priorityClassName": "media",
        "tolerations": [{"key": "media", "operator": "Exists", "effect": "NoSchedule"}],
        "podLabels": {"team": "telephony"}, "podAnnotations": {"note": "media"},
        "service": {"type": "LoadBalancer", "annotations": {"internal": "true"}},
        "metrics": {"podMonitor": {"enabled": True, "tlsConfig": {"insecureSkipVerify": True}},
                    "alerts": {"enabled": True, "labels": {"release": "prometheus"}}}})


def merged(low, high):
    """Two trees of values; what both name is the second's."""
    if not (isinstance(low, dict) and isinstance(high, dict)):
        return high
    return {name: merged(low[name], high[name]) if name in low and name in high else (high | low)[name]
            for name in {**low, **high}}


def helm(*words, values=None):
    """Status, output and errors of Helm; values come by its standard input."""
    more = ["-f", "-"] if values is not None else []
    done = subprocess.run([tools.helm(), *words, *more], input=json.dumps(values or {}), capture_output=True,
                          text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


def of_region(region):
    return ["-f", str(CHART / f"values-{region}.yaml")] if region else []


def text(region, values, kubernetes=KUBERNETES[-1], release="callfork"):
    """What a release of the region is, as text."""
    status, output, errors = helm("template", release, str(CHART), "--namespace", "telephony", "--kube-version",
                                  kubernetes, *of_region(region), values=values)
    check(status == 0, f"{region}: {errors}")
    return output


class Release:
    """All that a release of a region asks Kubernetes for."""

    def __init__(self, region, values=None, **how):
        self.documents = [each for each in yaml.safe_load_all(
            text(region, merged(LEAST, values or {}), **how)) if each]

    def all(self, kind):
        return [each for each in self.documents if each["kind"] == kind]

    def one(self, kind, name=None):
        found = [each for each in self.all(kind) if name in (None, each["metadata"]["name"])]
        check(len(found) == 1, f"{len(found)} of {kind} {name or ''}")
        return found[0]

    @functools.cached_property
    def set(self):
        return self.one("StatefulSet")["spec"]

    @property
    def pod(self):
        return self.set["template"]["spec"]

    @property
    def container(self):
        check(len(self.pod["containers"]) == 1, "more than one container")
        return self.pod["containers"][0]

    @property
    def configuration(self):
        """The text of callforkd's file."""
        return self.one("ConfigMap")["data"]["callfork.yaml"]

    @property
    def options(self):
        return yaml.safe_load(self.configuration)

    @property
    def variables(self):
        return {each["name"]: each.get("value") for each in self.container["env"]}


def refused(region, values, *words):
    """Helm renders nothing, and its reason has these words."""
    status, output, errors = helm("template", "callfork", str(CHART), "--kube-version", KUBERNETES[-1],
                                  *of_region(region), values=merged(LEAST, values))
    told = f"{region} {values}: status {status}, {errors}"
    check(status != 0 and not output.strip(), told)
    check(all(word in errors for word in words), f"{told}\n{words} expected")


def files():
    return [path for path in pathlib.Path(CHART).rglob("*") if path.is_file()]
