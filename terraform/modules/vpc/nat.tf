# The way out of the private subnets: one managed gateway, one in each zone, a small instance, or none.

locals {
  gateways = {
    gateway  = toset([local.first])
    gateways = toset(keys(local.zones))
    instance = toset([])
    none     = toset([])
  }[var.network.nat]
}

resource "aws_eip" "nat" {
  for_each = local.gateways

  domain = "vpc"

  tags = { Name = "${var.name}-nat-${each.key}" }
}

resource "aws_nat_gateway" "this" {
  for_each = local.gateways

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id

  tags = { Name = "${var.name}-${each.key}" }

  # A gateway that comes up before its way out is marked failed by AWS.
  depends_on = [aws_internet_gateway.this]
}

resource "aws_route" "private_out_gateway" {
  for_each = length(local.gateways) > 0 ? local.zones : {}

  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  # A zone without a gateway of its own uses the first zone's.
  nat_gateway_id = aws_nat_gateway.this[contains(local.gateways, each.key) ? each.key : local.first].id
}

resource "aws_security_group" "nat" {
  count = var.network.nat == "instance" ? 1 : 0

  name        = "${var.name}-nat"
  description = "NAT instance: in from the private subnets, out to the internet"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-nat" }
}

resource "aws_vpc_security_group_ingress_rule" "nat" {
  for_each = var.network.nat == "instance" ? local.zones : {}

  security_group_id = aws_security_group.nat[0].id
  description       = "Whatever the private subnet in zone ${each.key} sends out"
  cidr_ipv4         = each.value.private
  ip_protocol       = "-1"
}

resource "aws_vpc_security_group_egress_rule" "nat" {
  count = var.network.nat == "instance" ? 1 : 0

  security_group_id = aws_security_group.nat[0].id
  description       = "Everywhere: it forwards for the private subnets"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_iam_role" "nat" {
  count = var.network.nat == "instance" ? 1 : 0

  name                 = "${var.name}-nat"
  description          = "NAT instance: Session Manager and nothing else"
  permissions_boundary = var.permissions_boundary
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "nat" {
  count = var.network.nat == "instance" ? 1 : 0

  name = "session-manager"
  role = aws_iam_role.nat[0].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "SessionManager"
      Effect   = "Allow"
      Action   = ["ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"]
      Resource = "*"
    }]
  })
}

resource "aws_iam_instance_profile" "nat" {
  count = var.network.nat == "instance" ? 1 : 0

  name = "${var.name}-nat"
  role = aws_iam_role.nat[0].name
}

resource "aws_instance" "nat" {
  count = var.network.nat == "instance" ? 1 : 0

  ami                         = var.nat_ami
  instance_type               = "t4g.nano"
  subnet_id                   = aws_subnet.public[local.first].id
  vpc_security_group_ids      = [aws_security_group.nat[0].id]
  iam_instance_profile        = aws_iam_instance_profile.nat[0].name
  associate_public_ip_address = true
  source_dest_check           = false
  ebs_optimized               = true
  user_data_replace_on_change = true
  user_data                   = file("${path.module}/nat.sh")

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
  }

  root_block_device {
    encrypted   = true
    volume_type = "gp3"
    volume_size = 8
  }

  tags = { Name = "${var.name}-nat", Component = "nat" }

  depends_on = [aws_route.public_out]
}

resource "aws_route" "private_out_instance" {
  for_each = var.network.nat == "instance" ? local.zones : {}

  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  network_interface_id   = aws_instance.nat[0].primary_network_interface_id
}
