# What callers rely on: private, encrypted, one client, its data apart.
mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "ap-southeast-2" }
  }

  mock_resource "aws_ebs_volume" {
    defaults = { id = "vol-0123456789abcdef0" }
  }
}

variables {
  name = "knowledgeweaver-test"
  ami  = "ami-0123456789abcdef0"
  network = {
    vpc_id      = "vpc-0123456789abcdef0"
    subnet_id   = "subnet-0aaaaaaaaaaaaaaaa"
    subnet_cidr = "10.0.2.0/24"
    zone        = "ap-southeast-2a"
  }
  client_security_group_id = "sg-0123456789abcdef0"
  secret = {
    arn     = "arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:s-AbCdEf"
    pattern = "arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:s-??????"
  }
  permissions_boundary = "arn:aws:iam::123456789012:policy/b"
}

run "graph_store" {
  assert {
    condition     = output.bolt_uri == "bolt://10.0.2.10:7687" && aws_instance.this.private_ip == "10.0.2.10"
    error_message = "The address is known and stays."
  }

  assert {
    condition     = !aws_instance.this.associate_public_ip_address && aws_instance.this.metadata_options[0].http_tokens == "required" && aws_instance.this.disable_api_termination
    error_message = "No public address, IMDSv2 only, protected."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.bolt.referenced_security_group_id == "sg-0123456789abcdef0" && aws_vpc_security_group_ingress_rule.bolt.from_port == 7687 && aws_vpc_security_group_ingress_rule.bolt.cidr_ipv4 == null
    error_message = "Only the application's tasks come in, and only to Bolt."
  }

  assert {
    condition     = aws_ebs_volume.data.encrypted && aws_ebs_volume.data.type == "gp3" && aws_ebs_volume.data.tags["Component"] == "neo4j" && aws_instance.this.tags["Component"] == "neo4j"
    error_message = "The data has a volume of its own, encrypted, and both can be found by their tag."
  }

  assert {
    condition     = strcontains(aws_instance.this.user_data, "\nNEO4J_SECRET_ID=arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:s-AbCdEf\n") && strcontains(aws_instance.this.user_data, "\nVOLUME_SERIAL=vol0123456789abcdef0\n")
    error_message = "The instance is told where its password and its disk are."
  }
}
