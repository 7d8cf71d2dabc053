# Out to the database and to AWS, in from nowhere.

resource "aws_security_group" "this" {
  name        = local.function
  description = "Rotation of the password of the graph store: no way in"
  vpc_id      = var.network.vpc_id

  tags = { Name = local.function }
}

resource "aws_vpc_security_group_egress_rule" "bolt" {
  security_group_id            = aws_security_group.this.id
  description                  = "Bolt to the graph store"
  referenced_security_group_id = var.graph_store.security_group_id
  from_port                    = 7687
  to_port                      = 7687
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_ingress_rule" "bolt" {
  security_group_id            = var.graph_store.security_group_id
  description                  = "Bolt from the rotation of the password"
  referenced_security_group_id = aws_security_group.this.id
  from_port                    = 7687
  to_port                      = 7687
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "tls" {
  security_group_id = aws_security_group.this.id
  description       = "Secrets Manager, over TLS"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 443
  to_port           = 443
  ip_protocol       = "tcp"
}
