resource "aws_ecs_task_definition" "fail_name" {
  family = "x"
  container_definitions = jsonencode([{
    name  = "api"
    image = "kw:1.2.3"
    environment = [
      { name = "NEO4J_PASSWORD", value = "correct-horse" },
    ]
  }])
}

resource "aws_ecs_task_definition" "fail_form" {
  family = "x"
  container_definitions = jsonencode([{
    name  = "api"
    image = "kw:1.2.3"
    environment = [
      { name = "SETTING", value = "AKIAIOSFODNN7EXAMPLE" },
    ]
  }])
}

resource "aws_ecs_task_definition" "fail_address" {
  family = "x"
  container_definitions = jsonencode([{
    name  = "api"
    image = "kw:1.2.3"
    environment = [
      { name = "DATABASE", value = "postgresql://phoenix:hunter2@db.internal/phoenix" },
    ]
  }])
}

resource "aws_lambda_function" "fail_function" {
  function_name = "rotate"
  role          = "arn:aws:iam::123456789012:role/r"
  package_type  = "Image"
  image_uri     = "kw:1.2.3"

  environment {
    variables = { API_KEY = "0123456789" }
  }
}

# A plan has only the hash of a boot script, so files alone can tell.
resource "aws_instance" "filefail_script" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"
  user_data     = "curl https://ops:hunter2@example.com/setup"
}
