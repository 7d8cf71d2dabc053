data "aws_region" "current" {}

locals {
  address = cidrhost(var.network.subnet_cidr, var.network.host)
}

resource "aws_security_group" "this" {
  name        = "${var.name}-neo4j"
  description = "Graph store: Bolt from the application's tasks only"
  vpc_id      = var.network.vpc_id

  tags = { Name = "${var.name}-neo4j", Component = "neo4j" }
}

resource "aws_vpc_security_group_ingress_rule" "bolt" {
  security_group_id            = aws_security_group.this.id
  description                  = "Bolt from the application's tasks"
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
  user_data = templatefile("${path.module}/boot.sh.tftpl", {
    secret_arn = var.secret.arn
    region     = data.aws_region.current.name
    release    = var.release
    # EBS volumes show up as NVMe disks whose serial number is the volume's id without its dash.
    serial = replace(aws_ebs_volume.data.id, "-", "")
  })

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
}

# The data lives apart from the instance, so a replaced instance finds it again.
resource "aws_ebs_volume" "data" {
  availability_zone = var.network.zone
  encrypted         = true
  type              = "gp3"
  size              = var.instance.data_gib

  tags = { Name = "${var.name}-neo4j-data", Component = "neo4j" }
}

resource "aws_volume_attachment" "data" {
  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.data.id
  instance_id = aws_instance.this.id
  # The disk goes with the instance that is terminated, after the system shut down and the database
  # closed its files; detaching it before would pull it from under a running one.
  skip_destroy = true
}
