"""python -m derive."""

if __name__ == "__main__":
    try:
        from derive.cli.main import main
    except KeyboardInterrupt:  # before there is anyone to tell
        raise SystemExit(130) from None
    main()
