"""What each host function takes and does, a module for each noun; `runtime.host_api` is the table of them."""
