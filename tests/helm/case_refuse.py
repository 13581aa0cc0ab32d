"""What the chart does not render."""
import json

import yaml

import chart
from cases import case, check
from chart import REGIONS, refused

OTHER = {"us": "EU", "eu": "US"}


@case("a release without a region is refused, and one of an unknown region")
def no_region(_):
    refused("", {}, "/region", "US", "EU")
    refused("", {"region": "us"}, "/region", "US", "EU")
    refused("us", {"region": "APAC"}, "/region", "US", "EU")


@case("data does not leave its region: brokers, topics, storage and providers are refused elsewhere")
def residency(_):
    for region in REGIONS:
        own, other = region.upper(), OTHER[region]
        refused(region, {"kafka": {"region": other}}, "kafka.region", other, own, "does not leave it")
        refused(region, {"kafka": {"region": ""}}, "kafka.region", own)
        for prefix in (f"callfork.{other.lower()}", f"{other}-calls", f"a_{other.lower()}_b"):
            refused(region, {"events": {"topicPrefix": prefix}}, "events.topicPrefix", prefix, other)
        provider = {"name": "archive", "region": other, "targets": ["sips:rec.example"]}
        refused(region, {"siprec": {"enabled": True, "existingSecret": "tls", "providers": [provider]}},
                "siprec.providers", "archive", other, own)
    for place in ("eu-west-1", "westeurope", "europe-west4", "ap-south-1", "mine"):
        refused("us", {"storage": {"regions": ["us-east-1", place]}}, "storage.regions", place)
    # London and Zurich are not in the European Union.
    for place in ("us-east-1", "eastus2", "us-central1", "eu-west-2", "eu-central-2", "europe-west2", "europe-west6"):
        refused("eu", {"storage": {"regions": ["eu-west-1", place]}}, "storage.regions", place)
    for region, prefix in (("us", "callfork.us"), ("eu", "europa"), ("eu", "campus")):
        chart.Release(region, {"events": {"topicPrefix": prefix}})


@case("what needs or excludes another thing is refused with the reason")
def contradictions(_):
    two = {"replicaCount": 2}
    siprec = {"enabled": True, "existingSecret": "siprec-tls"}
    provider = {"name": "archive", "region": "US", "targets": ["sip:rec.example"]}
    for values, *words in (
            ({"ng": {"allowed": []}}, "ng.allowed"),
            ({"kafka": {"brokers": []}}, "kafka.brokers"),
            ({"events": {"log": "files"}}, "events.log", "replicaCount"),
            ({"vault": {"existingSecret": ""}}, "vault.existingSecret", "vault.plain"),
            ({"vault": {"plain": True}}, "vault.existingSecret", "vault.plain"),
            ({"cluster": {"existingSecret": ""}}, "cluster.existingSecret", "cluster.enabled"),
            ({"ng": {"port": 4100}}, "cluster", "4100"),
            ({"api": {"existingSecret": "api-keys"}}, "http.existingSecret"),
            ({"api": {"keySet": "https://login.example/keys"}}, "api.existingSecret", "api.issuer"),
            ({**two, "media": {"advertised": "203.0.113.7"}}, "203.0.113.7", "one node"),
            ({**two, "media": {"interfaces": [{"name": "out", "advertised": "203.0.113.7"}]}}, "203.0.113.7"),
            ({"replicaCount": 1, "media": {"advertised": "203.0.113.7", "interfaces": [{"name": "out"}]}},
             "media.advertised", "media.interfaces"),
            ({"media": {"portLowest": 40000}}, "media.portHighest"),
            ({"ng": {"port": 8080}}, "TCP", "8080"),
            ({"ng": {"port": 30001}}, "30001", "media"),
            ({"siprec": {**siprec, "udpPort": 506}}, "/siprec/udpPort"),
            ({"siprec": {**siprec, "udpPort": 30002}}, "30002", "media"),
            ({"siprec": {**siprec, "tcpPort": 5061}}, "5061"),
            ({"siprec": {**siprec, "existingSecret": ""}}, "siprec.existingSecret"),
            ({"siprec": {**siprec, "tlsPort": 0}}, "siprec"),
            ({"siprec": {"providers": [provider]}}, "siprec.enabled"),
            ({"kafka": {"sasl": {"mechanism": "PLAIN"}}}, "kafka.sasl.user", "kafka.sasl.existingSecret"),
            ({"kafka": {"tls": {"enabled": False}, "sasl": {"mechanism": "PLAIN", "user": "a", "existingSecret": "b"}}},
             "PLAIN", "in the clear"),
            ({"kafka": {"settings": {"security.protocol": "plaintext"}}}, "kafka.tls"),
            ({"kafka": {"tls": {"clientCertificate": True}}}, "kafka.tls.existingSecret")):
        refused("us", values, *words)


@case("what is secret does not come by values")
def secrets(_):
    for name in ("sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem",
                 "sasl.oauthbearer.client.secret"):
        refused("eu", {"kafka": {"settings": {name: "1234"}}}, name, "secret")


@case("config changes nothing that the chart decides")
def decided(_):
    for section, name, value in (("node", "region", "eu"), ("node", "name", "x"), ("events", "topic_prefix", "eu"),
                                 ("events", "kafka_brokers", ["kafka.eu:9092"]), ("events", "log", "none"),
                                 ("events", "kafka_settings", {"sasl.password": "1234"}),
                                 ("vault", "folder", "/tmp"), ("vault", "key_file", ""), ("ng", "udp", []),
                                 ("http", "listen", "0.0.0.0:1"), ("shutdown", "drain", "1s"),
                                 ("siprec", "providers", []), ("media", "interfaces", [])):
        refused("us", {"config": {section: {name: value}}}, f"{section}.{name}", "decides")


def objects(schema, where=""):
    """All objects of a schema that have named properties."""
    if "properties" in schema:
        yield where, schema
        for name, each in schema["properties"].items():
            yield from objects(each, f"{where}.{name}")
    if isinstance(schema.get("items"), dict):
        yield from objects(schema["items"], f"{where}[]")


def known(values, schema, definitions, where=""):
    """Says where the keys of values.yaml and of the schema differ."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if not isinstance(values, dict) or "properties" not in schema:
        return
    theirs = set(schema["properties"])
    check(set(values) == theirs, f"values{where}: {set(values) ^ theirs} is in one of values.yaml and the schema alone")
    for name, value in values.items():
        known(value, schema["properties"][name], definitions, f"{where}.{name}")


@case("values.yaml and its schema have the same keys, and no others are taken")
def keys(_):
    schema = json.loads((chart.CHART / "values.schema.json").read_text())
    known(yaml.safe_load((chart.CHART / "values.yaml").read_text()), schema, schema["definitions"])
    for name, definition in [("", schema), *schema["definitions"].items()]:
        for where, each in objects(definition, name):
            check(each.get("additionalProperties") is False, f"{where} takes keys that nobody knows")
    refused("us", {"replicas": 3}, "replicas", "not allowed")
    refused("us", {"kafka": {"broker": []}}, "broker", "not allowed")
