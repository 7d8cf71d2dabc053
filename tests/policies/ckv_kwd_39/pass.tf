resource "aws_iam_role" "task" {
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
}

resource "aws_iam_role" "execution" {
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
}

resource "aws_ecs_task_definition" "pass" {
  family                = "x"
  task_role_arn         = aws_iam_role.task.arn
  execution_role_arn    = aws_iam_role.execution.arn
  container_definitions = jsonencode([])
}

resource "aws_ecs_task_definition" "pass_known" {
  family                = "x"
  task_role_arn         = "arn:aws:iam::123456789012:role/a"
  execution_role_arn    = "arn:aws:iam::123456789012:role/b"
  container_definitions = jsonencode([])
}
