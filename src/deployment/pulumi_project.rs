//! `Pulumi.yaml`, as far as the checks read it.
