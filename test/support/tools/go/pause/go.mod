module pulumi-chart-mirror/pause

go 1.24.0
