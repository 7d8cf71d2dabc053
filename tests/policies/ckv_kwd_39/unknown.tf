resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_ecs_task_definition" "unknown" {
  family                = "x"
  task_role_arn         = "arn:aws:iam::123456789012:role/a"
  execution_role_arn    = aws_vpc.later.arn
  container_definitions = jsonencode([])
}
