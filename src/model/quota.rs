//! Which quotas a kind uses, as data in its spec: usage, needs, limits and IAM policies follow from it.

use super::{GuardRule, Resource};

/// A quota that a kind uses up, and by how much one resource does.
///
/// Names, codes and scopes are those of Service Quotas and of AWS's pages "endpoints and quotas".
#[derive(Debug, Clone, Copy)]
pub struct QuotaUse {
    /// The short name people type: `eip`, `vpc`, `nat-gateway`.
    pub name: &'static str,
    /// For people, plural: `Elastic IPs`.
    pub title: &'static str,
    /// The service's code in Service Quotas: `ec2`, `vpc`, `elasticloadbalancing`.
    pub service: &'static str,
    /// The quota's code, `L-0263D0A3`; `None` where AWS gives it none.
    pub code: Option<&'static str>,
    /// What AWS's documentation says where no call tells the limit. Only for quotas without a code.
    pub documented: Option<u64>,
    /// Within what it is counted.
    pub per: Per,
    /// What is counted.
    pub unit: Unit,
    /// How much of it one resource of the kind uses.
    pub amount: fn(&Resource) -> Amount,
    /// Whether the resources of the kinds that use it are all that uses it.
    pub users: Users,
    /// Which service tells the limit of itself, beside Service Quotas.
    pub told_by: ToldBy,
}

/// Which service tells a limit of itself, and under which name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ToldBy {
    /// None: Service Quotas or the documentation alone does.
    Nobody,
    /// Elastic Load Balancing, under this name.
    /// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Limit.html>
    LoadBalancing(&'static str),
    /// Auto Scaling, with how many groups there are.
    /// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAccountLimits.html>
    AutoScaling,
    /// IAM's summary of the account, under these names.
    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>
    IamSummary {
        /// That of the limit.
        limit: &'static str,
        /// That of what is used, if the summary tells it.
        used: Option<&'static str>,
    },
    /// EC2, as this attribute of the account.
    /// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAccountAttributes.html>
    Ec2Attribute(&'static str),
}

/// Who uses a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Users {
    /// The kinds that declare it, and nothing else.
    All,
    /// Others as well, which no kind reads: usage is known only where AWS itself tells it.
    Others,
}

/// Within what a quota is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Per {
    /// The account as a whole.
    Account,
    /// A region.
    Region,
    /// An availability zone: the resource's own, else that of the subnet it lies in.
    Zone,
    /// A VPC: the one it lies in or is attached to.
    Vpc,
    /// A cluster: the one it belongs to.
    Cluster,
    /// The resource itself: rules of a security group, routes of a table.
    Itself,
}

/// What a quota counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// Things.
    Things,
    /// Virtual processors.
    Vcpus,
    /// GiB, of a limit that AWS gives in TiB.
    GibOfTib,
}

impl Unit {
    /// How many of it one unit of AWS's limit is.
    pub const fn factor(self) -> u64 {
        match self {
            Self::Things | Self::Vcpus => 1,
            Self::GibOfTib => 1024,
        }
    }

    /// Its name behind a number; nothing for things.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Things => "",
            Self::Vcpus => "vCPU",
            Self::GibOfTib => "GiB",
        }
    }
}

/// How much of a quota one resource uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// So much; 0 where it does not count (a failed NAT gateway, an address the account brought along).
    Known(u64),
    /// It counts, and what was read does not tell how much.
    Unknown,
}

impl Amount {
    /// One each.
    pub const fn one(_: &Resource) -> Self {
        Self::Known(1)
    }

    /// One each of those that the account owns. What another account shares is described here and counts
    /// there: the quota is on the owner.
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing-service-behavior.html>
    pub fn one_of_ours(resource: &Resource) -> Self {
        Self::if_ours(resource, || Self::Known(1))
    }

    /// So much if the account owns it, and nothing if another account does.
    pub fn if_ours(resource: &Resource, amount: impl FnOnce() -> Self) -> Self {
        let shared = resource.guards.iter().any(|guard| guard.rule == GuardRule::OtherAccount);
        if shared { Self::Known(0) } else { amount() }
    }

    /// This number.
    pub fn of(count: usize) -> Self {
        u64::try_from(count).map_or(Self::Unknown, Self::Known)
    }

    /// The number that this fact tells; unknown where it is missing or no number.
    pub fn of_fact(resource: &Resource, fact: &str) -> Self {
        let count = resource.facts.get(fact).and_then(|text| text.parse().ok());
        count.map_or(Self::Unknown, Self::Known)
    }
}

impl QuotaUse {
    /// A quota in Service Quotas that counts each resource of the kind as one.
    pub const fn each(
        name: &'static str,
        title: &'static str,
        (service, code): (&'static str, &'static str),
        per: Per,
    ) -> Self {
        Self {
            name,
            title,
            service,
            code: Some(code),
            documented: None,
            per,
            unit: Unit::Things,
            amount: Amount::one,
            users: Users::All,
            told_by: ToldBy::Nobody,
        }
    }

    /// The same, used also by what no kind reads.
    #[must_use]
    pub const fn with_others(mut self) -> Self {
        self.users = Users::Others;
        self
    }

    /// The same, whose limit this service tells of itself.
    #[must_use]
    pub const fn told_by(mut self, service: ToldBy) -> Self {
        self.told_by = service;
        self
    }

    /// A quota that Service Quotas does not know: AWS's documentation tells how much is allowed.
    pub const fn documented(
        name: &'static str,
        title: &'static str,
        service: &'static str,
        (value, per): (u64, Per),
    ) -> Self {
        Self {
            name,
            title,
            service,
            code: None,
            documented: Some(value),
            per,
            unit: Unit::Things,
            amount: Amount::one,
            users: Users::All,
            told_by: ToldBy::Nobody,
        }
    }

    /// The same, counted in another way.
    #[must_use]
    pub const fn counted(mut self, unit: Unit, amount: fn(&Resource) -> Amount) -> Self {
        self.unit = unit;
        self.amount = amount;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Guard, Key, KindName, Region};

    #[test]
    fn what_another_account_shares_uses_nothing_whatever_its_facts_tell() {
        let mut resource = Resource::new(Key::new(KindName::of("vpc"), Region::new("us-east-1"), "vpc-1"));
        let counted = |resource: &Resource| Amount::if_ours(resource, || Amount::Unknown);
        assert_eq!((Amount::one_of_ours(&resource), counted(&resource)), (Amount::Known(1), Amount::Unknown));
        resource.guards.insert(Guard { rule: GuardRule::DefaultThing, why: "it is the default".to_owned() });
        assert_eq!(Amount::one_of_ours(&resource), Amount::Known(1), "another guard is no other owner");
        resource.guards.insert(Guard { rule: GuardRule::OtherAccount, why: "shared".to_owned() });
        assert_eq!(
            (Amount::one_of_ours(&resource), counted(&resource)),
            (Amount::Known(0), Amount::Known(0))
        );
    }

    #[test]
    fn a_fact_that_is_no_count_is_unknown() {
        let mut resource = Resource::new(Key::new(KindName::of("vpc"), Region::new("us-east-1"), "vpc-1"));
        for (text, expected) in [
            ("3", Amount::Known(3)),
            ("0", Amount::Known(0)),
            ("-1", Amount::Unknown),
            ("1.5", Amount::Unknown),
        ] {
            resource.facts.insert("cidrs".to_owned(), text.to_owned());
            assert_eq!(Amount::of_fact(&resource, "cidrs"), expected, "{text}");
        }
        assert_eq!(Amount::of_fact(&resource, "routes"), Amount::Unknown);
    }
}
