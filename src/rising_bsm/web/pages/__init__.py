"""The pages: what people see in their browser. One module for each noun; the templates are beside this folder."""
