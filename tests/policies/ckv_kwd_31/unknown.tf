resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_ecs_task_definition" "unknown" {
  family = "x"
  container_definitions = jsonencode([{
    name                   = aws_vpc.later.default_network_acl_id
    readonlyRootFilesystem = true
  }])
}
