# What callers rely on: two zones, nothing public by accident, one way out.
mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "ap-southeast-2" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  # The provider looks at ARNs before it hands them on, mocked or not.
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:ap-southeast-2:123456789012:log-group:/knowledgeweaver/test/flow-logs" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/knowledgeweaver-test-flow-logs" }
  }
}

variables {
  name                 = "knowledgeweaver-test"
  flow_logs            = { log_group = "/knowledgeweaver/test/flow-logs" }
  permissions_boundary = "arn:aws:iam::123456789012:policy/knowledgeweaver-workload-boundary"
}

run "defaults" {
  command = plan

  assert {
    condition     = join(" ", output.zones) == "ap-southeast-2a ap-southeast-2b"
    error_message = "The network spans two zones."
  }

  assert {
    condition     = join(" ", output.private_subnet_cidrs) == "10.0.2.0/24 10.0.4.0/24"
    error_message = "The private subnets are the seed's and its sibling."
  }

  assert {
    condition     = alltrue([for subnet in concat(values(aws_subnet.public), values(aws_subnet.private)) : !subnet.map_public_ip_on_launch])
    error_message = "No subnet gives out public addresses."
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_instance.nat) == 0
    error_message = "There is one gateway and no instance."
  }

  assert {
    condition     = length(aws_default_security_group.closed.ingress) + length(aws_default_security_group.closed.egress) == 0
    error_message = "The default security group lets nothing in or out."
  }

  assert {
    condition     = aws_vpc_endpoint.s3.vpc_endpoint_type == "Gateway" && endswith(aws_vpc_endpoint.s3.service_name, ".s3")
    error_message = "S3 is reached without NAT."
  }

  assert {
    condition     = aws_flow_log.this[0].traffic_type == "ALL" && aws_cloudwatch_log_group.flow_logs[0].retention_in_days == 30
    error_message = "All connections are recorded for a month unless told otherwise."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.flow_logs[0].policy).Statement[*].Resource == [
      "arn:aws:logs:ap-southeast-2:123456789012:log-group:/knowledgeweaver/test/flow-logs:*"
    ]
    error_message = "The role of the flow logs writes to their group only, and says so before the group exists."
  }

  assert {
    condition     = aws_iam_role.flow_logs[0].permissions_boundary == var.permissions_boundary && strcontains(aws_iam_role.flow_logs[0].assume_role_policy, "aws:SourceAccount")
    error_message = "The role carries the ceiling and serves this account only."
  }
}

run "a_gateway_in_each_zone" {
  command = apply

  variables {
    network = { nat = "gateways" }
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 2 && alltrue([for zone, route in aws_route.private_out_gateway : route.nat_gateway_id == aws_nat_gateway.this[zone].id])
    error_message = "Each zone goes out through its own gateway."
  }

  assert {
    condition     = output.nat == { kind = "gateway", id = aws_nat_gateway.this["a"].id }
    error_message = "Dashboards show the first zone's gateway."
  }
}

run "one_gateway_for_all_zones" {
  command = apply

  assert {
    condition     = keys(aws_route.private_out_gateway) == ["a", "b"] && alltrue([for route in aws_route.private_out_gateway : route.nat_gateway_id == aws_nat_gateway.this["a"].id])
    error_message = "The second zone uses the first one's gateway."
  }
}

run "nat_instance" {
  command = plan

  variables {
    network   = { nat = "instance" }
    nat_ami   = "ami-0123456789abcdef0"
    flow_logs = { log_group = "/knowledgeweaver/test/flow-logs", traffic = "none" }
  }

  assert {
    condition     = length(aws_flow_log.this) + length(aws_iam_role.flow_logs) + length(aws_cloudwatch_log_group.flow_logs) == 0
    error_message = "Without flow logs there is neither a group nor a role."
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_instance.nat) == 1
    error_message = "There is one instance and no gateway."
  }

  assert {
    condition     = aws_instance.nat[0].metadata_options[0].http_tokens == "required" && !aws_instance.nat[0].source_dest_check
    error_message = "The instance forwards and speaks IMDSv2 only."
  }
}

run "no_way_out" {
  command = plan

  variables {
    network = { nat = "none" }
  }

  assert {
    condition     = length(aws_nat_gateway.this) + length(aws_instance.nat) + length(aws_route.private_out_gateway) + length(aws_route.private_out_instance) == 0
    error_message = "none means none."
  }
}
