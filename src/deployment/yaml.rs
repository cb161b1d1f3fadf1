//! YAML, with CloudFormation's short forms (`!Ref`, `!GetAtt`) written out as JSON has them.
