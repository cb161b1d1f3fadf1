//! Follows references into modules and out of them: what a variable was given, and what an output hands on. Expressions
//! that name one ask it.

use super::super::addresses::{Segment, module_path, parent};
use super::super::configuration::{Call, Expression};
use super::super::draft::Index;
use super::{ExpressionScope, Followed, Found, Led, References, Walk, call_of};

impl<'a> References<'a> {
    /// What a module's variable was given by its call.
    pub(in super::super) fn of_variable(
        &self,
        name: &str,
        scope: &ExpressionScope<'_>,
        walk: &mut Walk,
    ) -> Found {
        let Some((outer, call)) = self.call(scope.module) else { return Found::default() };
        let Some(expression) = call.expressions.get(name) else { return Found::default() };
        let Some((_, part)) = parent(scope.module) else { return Found::default() };
        let siblings = self.by_call.get(&call_of(outer, part.name)).map_or(0, |it| it.all.len());
        let own = part.index;
        let given = ExpressionScope {
            module: outer,
            index: own.as_ref(),
            siblings,
            for_each: call.for_each_expression.as_ref(),
            depth: scope.depth + 1,
        };
        let key = Followed::Variable(scope.module.to_owned(), name.to_owned(), scope.depth);
        self.once(key, walk, |walk| {
            expression.leaves().iter().map(|leaf| self.of_leaf(leaf, &given, walk)).collect()
        })
    }

    /// What was found before of a variable or an output, else what `follow` finds. One that leads to itself ends
    /// where references are too deep.
    pub(super) fn once(
        &self,
        key: Followed,
        walk: &mut Walk,
        follow: impl FnOnce(&mut Walk) -> Found,
    ) -> Found {
        let known = self.followed.borrow().get(&key).cloned();
        let Led { found, locals, data } = known.unwrap_or_else(|| {
            let mut own = Walk::default();
            let found = follow(&mut own);
            let led = Led { found, locals: own.locals, data: own.data };
            self.followed.borrow_mut().insert(key, led.clone());
            led
        });
        walk.locals.extend(locals);
        walk.data.extend(data);
        found
    }

    /// What a module's output refers to; everything in it, if none is named.
    pub(super) fn of_module(
        &self,
        call: &Segment<'_>,
        output: Option<&Segment<'_>>,
        scope: &ExpressionScope<'_>,
        walk: &mut Walk,
    ) -> Found {
        let of_call = call_of(scope.module, call.name);
        let Some(output) = output else {
            let mut found = Found::default();
            match call.index {
                None => found.modules.extend([of_call]),
                Some(_) => {
                    let instances = self.instances(scope.module, call.name, call.index.as_ref());
                    found.modules.extend(instances.map(str::to_owned));
                }
            }
            return found;
        };
        if call.index.is_some() {
            let instances = self.instances(scope.module, call.name, call.index.as_ref());
            return instances.map(|it| self.of_output(it, output.name, scope.depth, walk)).collect();
        }
        let key = Followed::Output(of_call, output.name.to_owned(), scope.depth);
        self.once(key, walk, |walk| {
            let instances = self.instances(scope.module, call.name, None);
            instances.map(|it| self.of_output(it, output.name, scope.depth, walk)).collect()
        })
    }

    /// What an output of an instance of a module refers to.
    pub(super) fn of_output(&self, instance: &str, output: &str, depth: usize, walk: &mut Walk) -> Found {
        let module = self.configuration.root_module.below(module_path(instance));
        let Some(output) = module.and_then(|module| module.outputs.get(output)) else {
            return Found::default();
        };
        let inner = ExpressionScope::whole(instance, depth + 1);
        let leaves = output.expression.iter().flat_map(Expression::leaves);
        let mut found: Found = leaves.map(|leaf| self.of_leaf(leaf, &inner, walk)).collect();
        for name in &output.depends_on {
            found.extend(self.of_reference(name, &inner, walk));
        }
        found
    }

    /// The instances of a module call within a module instance.
    pub(in super::super) fn instances(
        &self,
        outer: &str,
        call: &str,
        index: Option<&Index>,
    ) -> impl Iterator<Item = &str> {
        let of_call = self.by_call.get(&call_of(outer, call));
        let all = of_call.filter(|_| index.is_none()).into_iter().flat_map(|it| &it.all);
        let of_index = of_call.zip(index).into_iter().flat_map(|(of_call, index)| {
            let places = of_call.by_index.get(index).into_iter().flatten();
            places.filter_map(|at| of_call.all.get(*at))
        });
        all.chain(of_index).map(String::as_str)
    }

    /// What stands in a module, of one instance or of all.
    pub(super) fn all_in(&self, module: &str) -> impl Iterator<Item = usize> {
        let address_of = |at: &usize| self.resources.get(*at).map_or("", |it| &*it.address);
        let in_order = self.in_order.get_or_init(|| {
            let mut numbers: Vec<usize> = (0..self.resources.len()).collect();
            numbers.sort_unstable_by_key(address_of);
            numbers
        });
        let inside = move |end: char| {
            let start = format!("{module}{end}");
            let from = in_order.partition_point(|at| address_of(at) < start.as_str());
            let resources = in_order.iter().skip(from).filter_map(|at| self.resources.get(*at));
            resources.take_while(move |it| it.address.starts_with(&start))
        };
        ['.', '['].into_iter().flat_map(inside).flat_map(|it| it.items.iter().copied())
    }

    pub(in super::super) fn call(&self, module: &str) -> Option<(&str, &'a Call)>
    where
        Self: 'a,
    {
        let instance = self.modules.get(module)?;
        let (outer, part) = parent(instance)?;
        let around = self.configuration.root_module.below(module_path(outer))?;
        Some((outer, around.module_calls.get(part.name)?))
    }
}
