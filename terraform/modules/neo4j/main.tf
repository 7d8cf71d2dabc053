data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

data "aws_ec2_instance_type" "this" {
  instance_type = var.instance.type
}

locals {
  address = cidrhost(var.network.subnet_cidr, var.network.host)
}

resource "aws_security_group" "this" {
  name        = "${var.name}-neo4j"
  description = "Graph store: Bolt from the tasks of the application only"
  vpc_id      = var.network.vpc_id

  tags = { Name = "${var.name}-neo4j", Component = "neo4j" }
}

resource "aws_vpc_security_group_ingress_rule" "bolt" {
  security_group_id            = aws_security_group.this.id
  description                  = "Bolt from the tasks of the application"
  referenced_security_group_id = var.client_security_group_id
  from_port                    = 7687
  to_port                      = 7687
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "clients_to_bolt" {
  security_group_id            = var.client_security_group_id
  description                  = "Bolt to the graph store"
  referenced_security_group_id = aws_security_group.this.id
  from_port                    = 7687
  to_port                      = 7687
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "tls" {
  security_group_id = aws_security_group.this.id
  description       = "Packages, Secrets Manager and Systems Manager, over TLS"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 443
  to_port           = 443
  ip_protocol       = "tcp"
}

resource "aws_instance" "this" {
  ami                         = var.ami
  instance_type               = var.instance.type
  subnet_id                   = var.network.subnet_id
  private_ip                  = local.address
  vpc_security_group_ids      = [aws_security_group.this.id]
  iam_instance_profile        = aws_iam_instance_profile.this.name
  associate_public_ip_address = false
  ebs_optimized               = true
  disable_api_termination     = var.instance.protection
  user_data_replace_on_change = true
  user_data                   = local.user_data

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  root_block_device {
    encrypted   = true
    volume_type = "gp3"
    volume_size = var.instance.root_gib
  }

  tags = { Name = "${var.name}-neo4j", Component = "neo4j" }

  # It boots with all that its script asks for.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this, aws_vpc_security_group_egress_rule.tls]

  lifecycle {
    precondition {
      condition     = var.memory.heap_mib + var.memory.page_cache_mib + 1536 <= data.aws_ec2_instance_type.this.memory_size
      error_message = "memory leaves less than 1536 MiB of the ${data.aws_ec2_instance_type.this.memory_size} of ${var.instance.type} to Java itself, the system and its file cache: take less, for example memory = { heap_mib = 1024, page_cache_mib = 1024 } on a t3.medium."
    }
  }
}
