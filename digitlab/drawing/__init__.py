"""What a hand makes: strokes, the digit made of them, their variation, their time, and checks that ask."""
