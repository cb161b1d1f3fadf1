//! What references through locals and in `dynamic` blocks lead to.

use super::*;

/// A group of nodes as a module makes one, of which the plan does not say which template it uses.
fn group(module: &str, index: &Raw) -> Raw {
    let after = json!({"cluster_name": "shop", "launch_template": [{}]});
    let unknown = json!({"id": true, "launch_template": [{"id": true, "name": true, "version": true}]});
    change(module, "aws_eks_node_group.this", index, made(after, unknown))
}

fn template(module: &str, name: &str, index: &Raw) -> Raw {
    let of = format!("aws_launch_template.{name}");
    change(module, &of, index, made(json!({"name_prefix": "a-"}), json!({"id": true, "name": true})))
}

/// A module with a group, whose block says so much of its template, and with templates of these names.
fn module(block_of_group: Raw, templates: &[&str]) -> Raw {
    let mut resources = vec![block("aws_eks_node_group.this", block_of_group)];
    resources.extend(templates.iter().map(|name| block(&format!("aws_launch_template.{name}"), json!({}))));
    json!({"resources": resources})
}

fn by_local() -> Raw {
    json!({"launch_template": [{
        "id": {"references": ["local.template_id"]}, "version": {"references": ["local.version"]},
    }]})
}

fn sources<'a>(deployment: &'a Deployment, group: &str) -> Vec<&'a str> {
    let block = item_of(deployment, group).properties.at("launch_template");
    block.at("id").sources().iter().map(String::as_str).collect()
}

#[test]
fn a_dynamic_block_and_a_local_lead_to_the_only_one_beside_with_the_same_keys() {
    for expression in [json!({}), by_local()] {
        let (a, b) = ("module.eks.module.group[\"a\"]", "module.eks.module.group[\"b\"]");
        let zero = json!(0);
        let changes =
            vec![template(a, "this", &zero), template(b, "this", &zero), group(a, &zero), group(b, &zero)];
        let inner = json!({"module_calls": {"group": {
            "expressions": {"launch_template_id": {"references": ["each.value.launch_template_id", "each.value"]}},
            "for_each_expression": {"references": ["var.groups", "local.create"]},
            "module": module(expression, &["this"]),
        }}});
        let root = json!({"module_calls": {"eks": {"expressions": {}, "module": inner}}});
        let deployment = read_raw(&plan(changes, root)).unwrap();
        for module in [a, b] {
            let its = format!("{module}.aws_launch_template.this[0]");
            assert_eq!(sources(&deployment, &format!("{module}.aws_eks_node_group.this[0]")), [its.as_str()]);
        }
        let version = item_of(&deployment, &format!("{a}.aws_eks_node_group.this[0]"));
        assert!(version.properties.at("launch_template.version").sources().is_empty());
    }
}

#[test]
fn of_several_beside_that_of_the_own_key_is_meant_and_without_a_key_all_may_be() {
    let (a, b) = (json!("a"), json!("b"));
    let keyed = vec![template("", "this", &a), template("", "this", &b), group("", &a), group("", &b)];
    let deployment = read_raw(&plan(keyed, module(json!({}), &["this"]))).unwrap();
    assert_eq!(sources(&deployment, "aws_eks_node_group.this[\"a\"]"), ["aws_launch_template.this[\"a\"]"]);
    let none = Raw::Null;
    let two = vec![template("", "blue", &none), template("", "green", &none), group("", &none)];
    let deployment = read_raw(&plan(two, module(json!({}), &["blue", "green"]))).unwrap();
    let all = ["aws_launch_template.blue", "aws_launch_template.green"];
    assert_eq!(sources(&deployment, "aws_eks_node_group.this"), all);
    let numbered = |groups: &[u64]| {
        let mut changes = vec![template("", "this", &json!(0)), template("", "this", &json!(1))];
        changes.extend(groups.iter().map(|at| group("", &json!(at))));
        let deployment = read_raw(&plan(changes, module(json!({}), &["this"]))).unwrap();
        sources(&deployment, "aws_eks_node_group.this[0]").len()
    };
    assert_eq!(numbered(&[0, 1]), 1);
    assert_eq!(numbered(&[0]), 2, "one of two by number may be of the other");
}

#[test]
fn what_the_call_hands_in_may_be_meant_as_well_as_what_stands_beside() {
    let changes = || {
        let none = Raw::Null;
        vec![template("", "outer", &none), template("module.g", "bastion", &none), group("module.g", &none)]
    };
    let called = |given: Raw| {
        let module = module(json!({}), &["bastion"]);
        let call = json!({"g": {"expressions": {"launch_template_id": given}, "module": module}});
        let resources = [block("aws_launch_template.outer", json!({}))];
        let root = json!({"resources": resources, "module_calls": call});
        let deployment = read_raw(&plan(changes(), root)).unwrap();
        let found = sources(&deployment, "module.g.aws_eks_node_group.this");
        found.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>()
    };
    let both = ["aws_launch_template.outer", "module.g.aws_launch_template.bastion"];
    assert_eq!(called(json!({"references": ["aws_launch_template.outer.id"]})), both);
    assert_eq!(called(json!({"references": ["local.template"]})), both);
    assert_eq!(called(json!({"constant_value": ""})), both[1..]);
}

#[test]
fn with_none_beside_it_is_looked_for_around_and_in_what_other_modules_hand_out() {
    let none = Raw::Null;
    let changes = || vec![template("module.lt", "this", &none), group("module.g", &none)];
    let root = |outputs: Raw, data: bool| {
        let mut lt = json!({"resources": [block("aws_launch_template.this", json!({}))], "outputs": outputs});
        if data {
            let mut found = block("aws_launch_template.found", json!({}));
            found["mode"] = json!("data");
            lt["resources"].as_array_mut().unwrap().push(found);
        }
        let g = module(by_local(), &[]);
        json!({"module_calls": {
            "lt": {"expressions": {}, "module": lt},
            "g": {"expressions": {"x": {"references": ["local.x"]}}, "module": g},
        }})
    };
    let of = |root: Raw| {
        let deployment = read_raw(&plan(changes(), root)).unwrap();
        sources(&deployment, "module.g.aws_eks_node_group.this").len()
    };
    let handed = json!({"id": {"expression": {"references": ["aws_launch_template.this.id"]}}});
    assert_eq!(of(root(handed, false)), 1);
    assert_eq!(of(root(json!({}), false)), 1, "it is the only one that the plan makes");
    assert_eq!(of(root(json!({}), true)), 0, "a data source may find another");
}

#[test]
fn a_vpc_is_found_behind_a_local_and_no_known_thing_is_taken_for_it() {
    let vpc = |module: &str| {
        change(
            module,
            "aws_vpc.this",
            &json!(0),
            made(json!({"cidr_block": "10.0.0.0/16"}), json!({"id": true})),
        )
    };
    let subnet = |module: &str| {
        change(module, "aws_subnet.private", &json!(0), made(json!({}), json!({"id": true, "vpc_id": true})))
    };
    let own = |module: &str| vec![vpc(module), subnet(module)];
    let changes = [own("module.a"), own("module.b")].concat();
    let resources = || {
        let of_local = json!({"vpc_id": {"references": ["local.vpc_id"]}});
        json!({"resources": [block("aws_vpc.this", json!({})), block("aws_subnet.private", of_local)]})
    };
    let root = json!({"module_calls": {
        "a": {"expressions": {}, "module": resources()}, "b": {"expressions": {}, "module": resources()},
    }});
    let deployment = read_raw(&plan(changes, root)).unwrap();
    let of = |module: &str| {
        let subnet = format!("{module}.aws_subnet.private[0]");
        item_of(&deployment, &subnet).properties.at("vpc_id").sources().to_vec()
    };
    assert_eq!(of("module.a"), ["module.a.aws_vpc.this[0]"]);
    assert_eq!(of("module.b"), ["module.b.aws_vpc.this[0]"]);
}
