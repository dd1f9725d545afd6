module example.com/everything

go 1.24
