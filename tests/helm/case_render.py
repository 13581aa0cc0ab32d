"""What Kubernetes is asked for."""
import re
import subprocess

import yaml

import chart
import tools
from cases import case, check
from chart import KUBERNETES, REGIONS, Release

VALIDATE = """
import sys, yaml, kubernetes_validate
version = sys.argv[1].rsplit('.', 1)[0]
for document in yaml.safe_load_all(sys.stdin):
    try:
        if document: kubernetes_validate.validate(document, version, strict=True)
    except kubernetes_validate.ValidationError as fault:
        where = '.'.join(str(each) for each in fault.path)
        print(document['kind'], document['metadata']['name'], where, fault.message[:500])
    except kubernetes_validate.SchemaNotFoundError:
        if not document['apiVersion'].startswith('monitoring.coreos.com/'): raise
"""


def both(values=None):
    for region in REGIONS:
        yield region, Release(region, chart.all_of(region) if values is None else values)


@case("the charts of both regions are what Kubernetes' API takes")
def valid(_):
    for region in REGIONS:
        for values in (chart.LEAST, chart.all_of(region), {**chart.LEAST, "hostNetwork": False}):
            for kubernetes in KUBERNETES:
                text = chart.text(region, values, kubernetes)
                done = subprocess.run([tools.python(), "-c", VALIDATE, kubernetes], input=text, text=True,
                                      capture_output=True, check=False)
                check(done.returncode == 0 and not done.stdout, f"{region}, {kubernetes}: {done.stdout}{done.stderr}")


@case("helm lint finds nothing in both regions")
def lint(_):
    for region in REGIONS:
        status, output, errors = chart.helm("lint", "--strict", str(chart.CHART), "--kube-version", KUBERNETES[-1],
                                            *chart.of_region(region), values=chart.all_of(region))
        check(status == 0 and "0 chart(s) failed" in output and "[WARNING]" not in output, f"{output}{errors}")


@case("every line of a template renders to something sensible")
def sensible(_):
    for region in REGIONS:
        text = chart.text(region, chart.all_of(region))
        for word in ("<no value>", "%!", "map[", "e+0", "<nil>"):
            check(word not in text, f"{region}: {word!r} in {text}")


def ports(listed, key):
    return {(each["name"], each.get("protocol", "TCP"), each[key]) for each in listed}


def admitted(policy, protocol, port):
    return any(each["protocol"] == protocol and each["port"] <= port <= each.get("endPort", each["port"])
               for rule in policy["ingress"] for each in rule["ports"])


@case("pods, Services, network policy, probes and configuration name the same ports")
def same_ports(_):
    for region, release in both():
        container, policy = release.container, release.one("NetworkPolicy")["spec"]
        named = ports(container["ports"], "containerPort")
        for service in release.all("Service"):
            wanted = named if service["spec"].get("clusterIP") == "None" else {
                each for each in named if each[0] != "cluster"}
            check(ports(service["spec"]["ports"], "port") == wanted, f"{region}: {service} and {wanted}")
            for each in service["spec"]["ports"]:
                check(each["targetPort"] == each["name"], f"{region}: {each}")
        bound = {(name, int(release.variables[variable].rpartition(":")[2])) for name, variable in
                 (("cluster", "CALLFORK_CLUSTER_LISTEN"), ("ng-udp", "CALLFORK_NG_UDP"), ("ng-tcp", "CALLFORK_NG_TCP"), ("http", "CALLFORK_HTTP_LISTEN"),
                  ("sip-udp", "CALLFORK_SIPREC_UDP"), ("sip-tcp", "CALLFORK_SIPREC_TCP"),
                  ("sip-tls", "CALLFORK_SIPREC_TLS"))}
        check(bound == {(name, port) for name, _, port in named}, f"{region}: {bound} and {named}")
        for name, protocol, port in named:
            check(admitted(policy, protocol, port), f"{region}: {name} is not admitted")
        media = release.options["media"]
        check(admitted(policy, "UDP", media["port_lowest"]) and admitted(policy, "UDP", media["port_highest"])
              and not admitted(policy, "UDP", media["port_highest"] + 1), f"{region}: media and {policy}")
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            check(container[probe]["httpGet"]["port"] == "http", f"{region}: {probe}")


@case("only proxies reach NG, and strangers reach neither SIP nor HTTP")
def network(_):
    for region, release in both():
        rules = release.one("NetworkPolicy")["spec"]["ingress"]
        who = {each["port"]: rule.get("from") for rule in rules for each in rule["ports"]}
        check([each["ipBlock"]["cidr"] for each in who[2223]] == ["192.0.2.0/24", "198.51.100.7/32"],
              f"{region}: NG from {who[2223]}")
        check(who[4100] == [{"podSelector": {"matchLabels": release.set["selector"]["matchLabels"]}}],
              f"{region}: other nodes from {who[4100]}")
        check(all(who[port] for port in (2223, 5060, 5061, 8080)), f"{region}: {who}")
        check(release.options["ng"]["allowed"] == chart.LEAST["ng"]["allowed"], f"{region}: ng.allowed")


@case("a pod has no privilege, and with the host's network a machine for itself")
def restricted(_):
    for region, release in both():
        pod, container = release.pod, release.container
        for key, wanted in (("runAsNonRoot", True), ("seccompProfile", {"type": "RuntimeDefault"})):
            check(pod["securityContext"][key] == wanted, f"{region}: {key}")
        check(pod["securityContext"]["runAsUser"] > 0, f"{region}: root")
        check(container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                               "capabilities": {"drop": ["ALL"]}}, f"{region}: {container}")
        check(pod["automountServiceAccountToken"] is False and pod["enableServiceLinks"] is False, f"{region}: token")
        check(pod["hostNetwork"] and pod["dnsPolicy"] == "ClusterFirstWithHostNet", f"{region}: network")
        apart = pod["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        check(apart[0]["topologyKey"] == "kubernetes.io/hostname", f"{region}: {apart}")
        check(pod["topologySpreadConstraints"][0]["topologyKey"] == "topology.kubernetes.io/zone", f"{region}: zones")
    inside = Release("eu", {"hostNetwork": False}).pod
    check("hostNetwork" not in inside and "podAntiAffinity" not in inside.get("affinity", {}), f"{inside}")


@case("a new configuration rolls no pod, and a pod that stops has time for its calls")
def no_rolling(_):
    for region in REGIONS:
        for seconds in (0, 90, 7200):
            release = Release(region, {"drain": {"deadlineSeconds": seconds}})
            check(release.set["updateStrategy"] == {"type": "OnDelete"}, f"{region}: {release.set}")
            check(release.set["podManagementPolicy"] == "Parallel", f"{region}: {release.set}")
            shutdown = release.options["shutdown"]
            check(shutdown["drain"] == f"{seconds}s", f"{region}: {shutdown}")
            check(release.pod["terminationGracePeriodSeconds"] == seconds + 60, f"{region}: grace")
            check(int(shutdown["grace"][:-1]) < 60, f"{region}: {shutdown}")
            probes = [release.container[each] for each in ("livenessProbe", "startupProbe")]
            check(all(each["terminationGracePeriodSeconds"] <= 60 for each in probes), "a dead node waits for calls")
        sums = {Release(region, {"config": {"log": {"level": level}}}).set["template"]["metadata"]["annotations"]
                ["checksum/configuration"] for level in ("info", "debug", "debug")}
        check(len(sums) == 2, f"{region}: a changed configuration does not show: {sums}")
        budget = release.one("PodDisruptionBudget")["spec"]
        check(budget["maxUnavailable"] == 1 and budget["unhealthyPodEvictionPolicy"] == "IfHealthyBudget",
              f"{region}: {budget}")


def below(path, folders):
    return any(path.startswith(f"{folder}/") for folder in folders)


@case("what has to outlive a pod lies on volumes that are kept")
def volumes(_):
    for values in (chart.all_of("us"), {"events": {"log": "files"}, "replicaCount": 1}):
        release = Release("us", values)
        claims = {each["metadata"]["name"] for each in release.set["volumeClaimTemplates"]}
        check(claims == {"vault", "outbox", "config"}, f"{claims}")
        kept = [each["mountPath"] for each in release.container["volumeMounts"] if each["name"] in claims]
        options = release.options
        for path in (options["vault"]["folder"], options["events"]["outbox"], options["events"]["folder"],
                     options["admin"]["folder"], options["api"]["audit_folder"]):
            check(below(path, kept), f"{path} is not below {kept}")
        check(release.set["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"},
              f"{release.set}")
    none = Release("us", {"vault": {"enabled": False, "existingSecret": ""}})
    check(none.options["vault"]["folder"] == "" and "vault" not in str(none.set["volumeClaimTemplates"]), "a vault")


@case("secrets are files for owner and group, never configuration or environment")
def secrets(_):
    for region, release in both():
        volumes = {each["name"]: each["secret"] for each in release.pod["volumes"] if "secret" in each}
        check({each["secretName"] for each in volumes.values()} == {
            "vault-keys", "cluster-tls", "kafka-tls", "kafka-login", "http-tls", "api-keys", "siprec-tls", "archive-login",
            "webhook.login"}, f"{region}: {volumes}")
        check(all(each["defaultMode"] == 0o440 for each in volumes.values()), f"{region}: {volumes}")
        files = {f"{mount['mountPath']}/{item['path']}" for mount in release.container["volumeMounts"]
                 if mount["name"] in volumes for item in volumes[mount["name"]].get("items", [{"path": "token"}])}
        named = set(re.findall(r"/run/secrets/callfork/[\w./-]+", release.configuration))
        check(named == files, f"{region}: the configuration names {named}, and there are {files}")
        check(all("secretKeyRef" not in str(each) for each in release.container["env"])
              and "envFrom" not in release.container, f"{region}: a secret in the environment")
        check(not release.all("Secret"), f"{region}: the chart makes a Secret")


@case("each node has its pod's name and address, and its release's region")
def identity(_):
    for region, release in both():
        env = {each["name"]: each for each in release.container["env"]}
        check(env["CALLFORK_NODE_NAME"]["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name", f"{env}")
        check(env["POD_IP"]["valueFrom"]["fieldRef"]["fieldPath"] == "status.podIP", f"{env}")
        check(env["CALLFORK_MEDIA_INTERFACES"]["value"] == "default=$(POD_IP)", f"{env}")
        check(release.options["node"]["region"] == region, f"{release.options}")
        check(release.set["serviceName"] == release.one("Service", "callfork-nodes")["metadata"]["name"], "service")
        check(release.one("Service", "callfork-nodes")["spec"]["publishNotReadyAddresses"] is True, "draining")
        check(list(env).index("POD_IP") == 0, "Kubernetes puts in what stands before alone")
    three = Release("eu", {"replicaCount": 1, "ipFamily": "IPv6", "media": {"advertised": "2001:db8::1"}}).variables
    check(three["CALLFORK_NG_UDP"] == "[$(POD_IP)]:2223", f"{three}")
    check(three["CALLFORK_MEDIA_INTERFACES"] == "default=$(POD_IP)/2001:db8::1", f"{three}")


@case("nodes of a region are in its cloud regions alone")
def placement(_):
    for region, release in both():
        wanted = release.pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        term = wanted["nodeSelectorTerms"][0]["matchExpressions"][0]
        check(term["key"] == "topology.kubernetes.io/region" and term["operator"] == "In"
              and term["values"] == chart.all_of(region)["storage"]["regions"], f"{region}: {wanted}")


@case("two releases in one namespace share nothing")
def releases(_):
    one, other = (yaml.safe_load_all(chart.text("us", chart.LEAST, release=name)) for name in ("blue", "green"))
    names = [{(each["kind"], each["metadata"]["name"]) for each in documents if each} for documents in (one, other)]
    check(not names[0] & names[1], f"{names[0] & names[1]}")
