resource "aws_iam_role" "one" {
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
}

resource "aws_ecs_task_definition" "fail_same" {
  family                = "x"
  task_role_arn         = aws_iam_role.one.arn
  execution_role_arn    = aws_iam_role.one.arn
  container_definitions = jsonencode([])
}

resource "aws_ecs_task_definition" "fail_known" {
  family                = "x"
  task_role_arn         = "arn:aws:iam::123456789012:role/a"
  execution_role_arn    = "arn:aws:iam::123456789012:role/a"
  container_definitions = jsonencode([])
}
