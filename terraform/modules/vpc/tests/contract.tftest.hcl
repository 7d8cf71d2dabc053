# What callers rely on: two zones, nothing public by accident, one way out.
mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "ap-southeast-2" }
  }
}

variables {
  name                 = "knowledgeweaver-test"
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
}

run "nat_instance" {
  command = plan

  variables {
    network = { nat = "instance" }
    nat_ami = "ami-0123456789abcdef0"
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
