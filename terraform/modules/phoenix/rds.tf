# Staging and production: PostgreSQL.

resource "aws_db_subnet_group" "this" {
  count = local.rds ? 1 : 0

  name        = "${var.name}-phoenix"
  description = "Private subnets of Phoenix's database"
  subnet_ids  = var.network.subnet_ids
}

resource "aws_security_group" "database" {
  count = local.rds ? 1 : 0

  name        = "${var.name}-phoenix-database"
  description = "Database: in from Phoenix only"
  vpc_id      = var.network.vpc_id

  tags = { Name = "${var.name}-phoenix-database" }
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  count = local.rds ? 1 : 0

  security_group_id            = aws_security_group.database[0].id
  description                  = "PostgreSQL"
  referenced_security_group_id = aws_security_group.this.id
  from_port                    = 5432
  to_port                      = 5432
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "database" {
  count = local.rds ? 1 : 0

  security_group_id            = aws_security_group.this.id
  description                  = "To its database"
  referenced_security_group_id = aws_security_group.database[0].id
  from_port                    = 5432
  to_port                      = 5432
  ip_protocol                  = "tcp"
}

resource "aws_db_parameter_group" "this" {
  count = local.rds ? 1 : 0

  name        = "${var.name}-phoenix"
  family      = "postgres16"
  description = "TLS for every connection"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
}

resource "aws_db_instance" "this" {
  count = local.rds ? 1 : 0

  identifier     = "${var.name}-phoenix"
  engine         = "postgres"
  engine_version = "16"
  instance_class = var.storage.instance
  db_name        = "phoenix"
  username       = "phoenix"
  # Nobody knows this one, and it is in no plan and no state: the invocation below sets the secret's.
  password_wo         = uuid()
  password_wo_version = 1

  storage_type          = "gp3"
  allocated_storage     = var.storage.gib
  max_allocated_storage = 5 * var.storage.gib
  storage_encrypted     = true
  snapshot_identifier   = var.storage.snapshot

  db_subnet_group_name   = aws_db_subnet_group.this[0].name
  vpc_security_group_ids = [aws_security_group.database[0].id]
  publicly_accessible    = false
  multi_az               = var.storage.multi_az
  parameter_group_name   = aws_db_parameter_group.this[0].name
  ca_cert_identifier     = "rds-ca-rsa2048-g1" # renewed by AWS without a restart

  backup_retention_period    = var.storage.backup_days
  copy_tags_to_snapshot      = true
  auto_minor_version_upgrade = true
  apply_immediately          = true
  deletion_protection        = var.storage.protect
  skip_final_snapshot        = !var.storage.protect
  final_snapshot_identifier  = "${var.name}-phoenix-last"

  # The backup plan takes what carries its name.
  tags = { Backup = var.name }
}

# The database takes the password that is in the secret: after it was made or restored, and with each new
# generation. Whatever broke off before, the next apply ends with one password in both places.
resource "aws_lambda_invocation" "password" {
  count = local.rds ? 1 : 0

  function_name = var.secret.function
  input = jsonencode({
    secret   = var.secret.arn
    part     = local.secrets.PHOENIX_POSTGRES_PASSWORD
    database = aws_db_instance.this[0].identifier
  })
  triggers = {
    database   = aws_db_instance.this[0].resource_id
    generation = var.secret.generation
  }
}
