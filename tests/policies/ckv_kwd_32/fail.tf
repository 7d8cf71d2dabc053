resource "aws_ecs_task_definition" "fail_latest" {
  family = "x"
  container_definitions = jsonencode([{
    name  = "api"
    image = "kw:latest"
  }])
}

resource "aws_ecs_task_definition" "fail_no_tag" {
  family = "x"
  container_definitions = jsonencode([{
    name  = "api"
    image = "kw"
  }])
}

resource "aws_ecs_task_definition" "fail_moving" {
  family = "x"
  container_definitions = jsonencode([{
    name  = "api"
    image = "python:3.12"
  }])
}

resource "aws_lambda_function" "fail_function" {
  function_name = "rotate"
  role          = "arn:aws:iam::123456789012:role/r"
  package_type  = "Image"
  image_uri     = "kw:latest"
}
