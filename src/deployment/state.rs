//! States of Terraform and Pulumi, read only for locks and operations that were begun and not finished.
