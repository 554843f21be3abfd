"""The commands: each a short list of named steps over the modules beside this folder."""
