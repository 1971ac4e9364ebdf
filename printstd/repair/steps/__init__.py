"""What repair does, one fault each: a working mesh in, one with the fault mended and told out."""
