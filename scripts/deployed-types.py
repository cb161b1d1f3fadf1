#!/usr/bin/env python3
"""Holds the table of AWS's types (src/deployment/aws_types) against the schemas of the tools, and writes it anew.

Run by hand, never by a test. It reads folders that somebody has unpacked, and downloads nothing:

    pip download --no-deps cfn-lint                 # unzip the wheel
    npm pack @cdktf/provider-aws                    # ended with provider 6.25; and its continuation, by its newest
    npm pack @cdktn/provider-aws@VERSION            # version's name, since npm may pick an older one:
    npm pack @pulumi/aws
    npm pack @pulumi/aws-native                     # untar each
    scripts/deployed-types.py --date 2026-11-28 --cfn-lint DIR --terraform DIR --terraform DIR \\
        --pulumi DIR --pulumi-native DIR

What people decide stands in `judged.txt`: which types are counted, told, or make nothing. The script finds which types
have to stand there, gives Pulumi's types the section of the Terraform resource that they bridge, and refuses to write
while a type is not judged: add it to a section of `judged.txt` and run it again. All other types it writes to
`others.txt`, so that the program can tell a type that is newer than the table.

A type has to be judged if one of its properties, at any depth, or its name says that it may make or hold something
with a quota of ours (the `quotas:` of src/kinds):

- Properties (PROPERTY below): it is put into subnets, groups or a VPC of one's own, and so takes network interfaces
  there; it names a type, class or size of instance, or a launch template, and so may start instances; it names zones
  or volumes; it takes or makes addresses.
- Names (NOUN below), for the services whose things our quotas count (EC2 and VPC, IAM, EKS, Elastic Load Balancing,
  Auto Scaling, CloudWatch Logs): each noun of a quota of ours.

A type that makes things and shows it neither way (a stack set, an Elastic Beanstalk environment, whose settings are a
list of names and values) stands in `judged.txt` because somebody wrote it there. Types of AWS SAM's do not: each of
them is told by its prefix (src/deployment/cfn_template/opaque.rs).
"""

import argparse
import glob
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(HERE, "..", "src", "deployment", "aws_types")

PROPERTY = re.compile(
    r"subnet|security_?group|vpc|network_interface|network_config"  # what stands in a network of one's own
    r"|(^|_)(instance|node|host|machine|broker|compute|server|worker)_?(type|class)|instance_(types|classes)"
    r"|launch_template|launch_configuration|capacity_provider"  # what starts instances
    r"|availability_zone|(^|_)ebs(_|$)|volume"
    r"|allocation_id|(^|_)eips?(_|$)|elastic_ip"
)

NOUN = (
    r"eip|elastic_ip|vpc|subnet|cidr|gateway|network_interface|network_acl|security_group|instance|host|capacity|fleet"
    r"|launch|volume|auto_?scaling_group|warm_pool|load_balancer|target_group|cluster|node_?group|route(?!r)|endpoint"
    r"|instance_profile|log_group|vpn"
)
IAM_NOUN = r"role|policy|policies|instance_profile|oidc_provider|open_?id_connect_provider"
CLOUDFORMATION = re.compile(
    r"^AWS::(EC2|IAM|EKS|ElasticLoadBalancing|ElasticLoadBalancingV2|AutoScaling|Logs)::"
)
TERRAFORM = re.compile(
    r"^aws_(eip|vpc(?!lattice)|subnet|nat|internet|egress|network_interface|network_acl|security_group|default|ec2|ebs|volume"
    r"|instance|spot|launch|autoscaling|eks|lb|alb|elb|load_balancer|iam|route(?!53)|main_route|vpn|customer"
    r"|cloudwatch_log)"
)
WHOLE = re.compile(rf"(^|_)({NOUN})s?(_|$)|^(lb|alb|elb)$|^eip|^vpc|^vpn|^iam_.*({IAM_NOUN})")

# Classes of a section, with what the text after the colon is.
CLASSES = ["counted", "told", "limit", "open", "nothing"]


def snake(name):
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def folded(name):
    return re.sub(r"[^a-z0-9]", "", name.lower())


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


# ---- what the packages say ------------------------------------------------------------------------------------------


def cloudformation(folder):
    """Each type of each region with the names of all its properties, and where the schemas are from."""
    base = os.path.join(folder, "cfnlint", "data", "schemas")
    schemas = {}
    regions = glob.glob(os.path.join(base, "providers", "*.json"))
    for path in sorted(regions, key=lambda it: (not it.endswith("us-east-1.json"), it)):
        for name, digest in json.loads(read(path)).items():
            schemas.setdefault(name, digest)
    types = {}
    for name, digest in schemas.items():
        if name.startswith("AWS::"):
            types[name] = properties_of(json.loads(read(os.path.join(base, "resources", digest + ".json"))))
    about = read(glob.glob(os.path.join(folder, "cfn_lint-*.dist-info", "METADATA"))[0])
    version = re.search(r"^Version: (.*)$", about, re.M)[1]
    date = json.loads(read(os.path.join(base, "version.json")))["schema_date"][:10]
    return types, f"cfn-lint {version}, schemas of {date}"


def properties_of(schema):
    only_read = {it.removeprefix("/properties/") for it in schema.get("readOnlyProperties", [])}
    found = set()

    def walk(node, path, seen):
        if isinstance(node, list):
            for it in node:
                walk(it, path, seen)
        if not isinstance(node, dict):
            return
        reference = node.get("$ref", "")
        if reference.startswith("#/definitions/") and reference not in seen:
            walk(schema.get("definitions", {}).get(reference.removeprefix("#/definitions/"), {}), path, seen | {reference})
        inner = node.get("properties")
        for name, value in (inner.items() if isinstance(inner, dict) else []):
            here = [*path, name]
            if "/".join(here) not in only_read and len(here) < 9:
                found.add(snake(name))
                walk(value, here, seen)
        for word in ("items", "anyOf", "oneOf", "allOf", "additionalProperties"):
            walk(node.get(word), path, seen)

    walk({"properties": schema.get("properties", {})}, [], frozenset())
    return found


def terraform(folders):
    """Each resource with the names of its arguments at any depth, and at the top alone."""
    types, top, versions = {}, {}, []
    for folder in folders:
        for path in glob.glob(os.path.join(folder, "lib", "*", "index.d.ts")):
            text = read(path)
            name = re.search(r'static readonly tfResourceType = "(aws_[^"]+)"', text)
            if not name or "/docs/data-sources/" in text or "extends cdkt" not in text:
                continue
            if "TerraformDataSource" in text or "TerraformEphemeral" in text:
                continue
            inner = [read(it) for it in glob.glob(os.path.join(os.path.dirname(path), "index-structs", "*.d.ts"))]
            argument = re.compile(r"/docs/resources/[^#\s]+#([a-z0-9_]+) ")
            types[name[1]] = set(argument.findall("".join([text, *inner])))
            own = re.search(r"export interface \w+ extends cdkt[fn]\.TerraformMetaArguments \{(.*?)\n\}", text, re.S)
            top[name[1]] = set(argument.findall(own[1])) if own else set()
        package = json.loads(read(os.path.join(folder, "package.json")))
        provider = re.search(r"provider version ([0-9.]+[0-9])", read(os.path.join(folder, "README.md")))[1]
        versions.append(f"{package['name']} {package['version']} (provider {provider})")
    return types, top, ", ".join(versions)


def pulumi(folder):
    """Each type with the names of its inputs, and the older names of a type."""
    types, older = {}, {}
    for path in glob.glob(os.path.join(folder, "**", "*.js"), recursive=True):
        text = read(path)
        name = re.search(r"__pulumiType = '(aws:[^']+)'", text)
        if name:
            types[name[1]] = {snake(it) for it in re.findall(r'resourceInputs\["(\w+)"\] = args', text)}
            for aliases in re.findall(r"aliasOpts = \{ aliases: \[(.*?)\] \}", text):
                for alias in re.findall(r'type: "(aws:[^"]+)"', aliases):
                    older[alias] = name[1]
    package = json.loads(read(os.path.join(folder, "package.json")))
    return types, older, f"{package['name']} {package['version']}"


def pulumi_native(folder):
    names = set()
    for path in glob.glob(os.path.join(folder, "**", "*.js"), recursive=True):
        names |= set(re.findall(r"__pulumiType = '(aws-native:[^']+)'", read(path)))
    package = json.loads(read(os.path.join(folder, "package.json")))
    return names, f"{package['name']} {package['version']}"


# ---- which types have to be judged ----------------------------------------------------------------------------------


def has_to_be_judged(name, properties):
    if name.startswith("AWS::Serverless::"):
        return False
    if any(PROPERTY.search(it) for it in properties):
        return True
    if CLOUDFORMATION.match(name):
        service, last = name.split("::")[1:]
        return bool(WHOLE.search(("iam_" if service == "IAM" else "") + snake(last)))
    return bool(TERRAFORM.match(name) and WHOLE.search(name.removeprefix("aws_")))


# ---- which resource of Terraform's a type of Pulumi's bridges ---------------------------------------------------------


def bridged(token, inputs, top):
    """The resource whose name and arguments are like those of this type, if there is one that clearly is."""
    module, last = token.removeprefix("aws:").split("/", 1)[0], token.rsplit(":", 1)[1]
    plain = lambda names: {folded(it).removesuffix("s") for it in names} - {"tag", "tagsall", "region", "timeout"}
    own, ranked = plain(inputs), []
    for name, arguments in top.items():
        other, bare = plain(arguments - {"id"}), folded(name.removeprefix("aws_"))
        alike = len(own & other) / len(own | other) if own | other else 1.0
        if bare == folded(module + last):
            alike += 1.0
        elif bare == folded(last):
            alike += 0.8
        elif bare.endswith(folded(last)):
            alike += 0.45
        ranked.append((alike + (0.2 if folded(module) in bare else 0), name))
    ranked.sort(reverse=True)
    (best, name), (second, _) = ranked[0], ranked[1]
    return name if best >= 1.0 and best - second > 0.1 else None


# ---- the table --------------------------------------------------------------------------------------------------------


def judged():
    """The sections, in the order of the file: (class, text) and the types."""
    sections, current = {}, None
    for line in read(os.path.join(TABLE, "judged.txt")).splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        head = line.split(":", 1)[0]
        if head in CLASSES and (line == head or line.startswith(head + ": ")):
            current = sections.setdefault((head, line[len(head) + 2 :]), set())
        else:
            current.update(line.split())
    return sections


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("--date", required=True, help="the day on which the table is checked")
    arguments.add_argument("--cfn-lint", required=True)
    arguments.add_argument("--terraform", required=True, action="append")
    arguments.add_argument("--pulumi", required=True)
    arguments.add_argument("--pulumi-native", required=True)
    given = arguments.parse_args()

    cfn, cfn_version = cloudformation(given.cfn_lint)
    tf, top, tf_version = terraform(given.terraform)
    pu, older, pu_version = pulumi(given.pulumi)
    native, native_version = pulumi_native(given.pulumi_native)

    sections = judged()
    where = {}
    for section, names in sections.items():
        for name in names:
            if where.setdefault(name, section) != section:
                sys.exit(f"{name} stands in two sections: {where[name]} and {section}")

    # Pulumi's types go where the resource goes that they bridge.
    unbridged = []
    for token, inputs in sorted(pu.items()):
        name = bridged(token, inputs, top) if "/" in token else None
        if name is None:
            unbridged.append(token)
        elif name in where and where.get(token, where[name]) == where[name]:
            where[token] = where[name]
        elif name in where:
            sys.exit(f"{token} bridges {name}, which stands in {where[name]}")
        elif token in where:
            print(f"{token} stands in {where[token]} and bridges {name}, which does not", file=sys.stderr)
    for alias, token in older.items():
        if token in where:
            where.setdefault(alias, where[token])

    open_questions = [name for name, it in sorted({**cfn, **tf}.items()) if has_to_be_judged(name, it) and name not in where]
    open_questions += [it for it in unbridged if it not in where and has_to_be_judged(it, pu[it])]
    for name in open_questions:
        hits = sorted(it for it in {**cfn, **tf, **pu}[name] if PROPERTY.search(it))
        print(f"not judged: {name}  {','.join(hits)[:100]}", file=sys.stderr)
    known = set(cfn) | set(tf) | set(pu) | set(older)
    for name in sorted(set(where) - known):
        print(f"in no package (older?): {name}", file=sys.stderr)
    for name in sorted(where):
        if not name.startswith("aws:") and name in known and not has_to_be_judged(name, {**cfn, **tf}.get(name, ())):
            print(f"by hand: {name}", file=sys.stderr)
    print(f"Pulumi: {len(pu)} types, {len(pu) - len(unbridged)} bridge a resource that is known", file=sys.stderr)
    if open_questions:
        sys.exit(f"{len(open_questions)} types are not judged: nothing is written")

    head = [
        f"# Written by scripts/deployed-types.py on {given.date}, which tells what has to stand here.",
        f"# CloudFormation: {cfn_version}",
        f"# Terraform: {tf_version}",
        f"# Pulumi: {pu_version}, {native_version}",
    ]
    lines = []
    order = sorted(set(where.values()), key=lambda it: (CLASSES.index(it[0]), it[1].lower()))
    for section in order:
        lines.append("")
        lines.append(": ".join(section) if section[1] else section[0])
        lines += sorted(name for name, it in where.items() if it == section)
    with open(os.path.join(TABLE, "judged.txt"), "w", encoding="utf-8") as file:
        file.write("\n".join([*head, *lines]) + "\n")

    groups = {}
    of_registry = {folded(it.removeprefix("AWS::")) for it in cfn}
    alone = {it for it in native if folded(it.removeprefix("aws-native:")) not in of_registry}
    for name in (known | alone) - set(where):
        if name.startswith("AWS::"):
            before, after = name.rsplit("::", 1)[0] + "::", name.rsplit("::", 1)[1]
        elif name.startswith("aws_"):
            before, _, after = name.removeprefix("aws_").partition("_")
            before, after = f"aws_{before}", f"_{after}" if after else "."
        elif name.startswith("aws:") and "/" in name:
            (before, camel), after = name.split(":", 2)[1].split("/", 1), name.rsplit(":", 1)[1]
            usual = after[0].lower() + after[1:] == camel
            before, after = (f"aws:{before}/", after) if usual else (name, ".")
        else:
            before, after = name, "."
        groups.setdefault(before, []).append(after)
    with open(os.path.join(TABLE, "others.txt"), "w", encoding="utf-8") as file:
        lines = [f"{before} {' '.join(sorted(after))}" for before, after in sorted(groups.items())]
        file.write("\n".join([*head, "", *lines]) + "\n")


if __name__ == "__main__":
    main()
