# The dashboard: a row of charts for each question. What is in them stands in dashboard_rows.tf; here they are
# drawn and laid out on CloudWatch's grid of 24 columns.

locals {
  rows = [
    { title = "## ${var.prefix}: is anything wrong? Meaning and first steps: docs/observability.md", height = 4, widgets = [
      { type = "alarm", properties = { title = "Alarms", alarms = values(local.alarm_arns) } },
    ] },
    { title = "## Application", height = 6, widgets = local.charts.application },
    { title = "## Questions and documents", height = 6, widgets = local.charts.knowledge },
    { title = "## Infrastructure", height = 6, widgets = local.charts.infrastructure },
    { title = "## Neo4j", height = 6, widgets = local.charts.graph_store },
    { title = "## Cost of the whole account; billing alerts have to be enabled for it (docs/observability.md)", height = 6, widgets = local.charts.cost },
  ]

  charts = {
    for row, charts in { application = local.application, knowledge = local.knowledge, infrastructure = local.infrastructure, graph_store = local.graph_store, cost = local.cost } :
    row => [for chart in charts : {
      type = "metric"
      properties = merge(
        { region = local.region, view = "timeSeries", period = 60, stat = "Average", yAxis = { left = { min = 0 } } },
        { for name, value in chart : name => value if name != "limit" },
        { annotations = { horizontal = try([chart.limit], []) } },
      )
    }]
  }

  # A title of one line above each row.
  tops = [for number, row in local.rows : sum(concat([0], [for above in slice(local.rows, 0, number) : above.height + 1]))]

  widgets = flatten([
    for number, row in local.rows : [
      [{ type = "text", x = 0, y = local.tops[number], width = 24, height = 1, properties = { markdown = row.title, background = "transparent" } }],
      [for place, widget in row.widgets : merge(widget, {
        x      = place * floor(24 / length(row.widgets))
        y      = local.tops[number] + 1
        width  = floor(24 / length(row.widgets))
        height = row.height
      })],
    ]
  ])
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "${var.prefix}-dashboard"
  # Each chart keeps its own period; else CloudWatch chooses one by the time range for all of them.
  dashboard_body = jsonencode({ start = "-PT6H", periodOverride = "inherit", widgets = local.widgets })
}
